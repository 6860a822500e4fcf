/** Every differentiable op must have a line in the table of grad_cases_test.ts. */

import { assert, assertEquals } from "@std/assert";
import { grad, type Tensor } from "../mod.ts";
import type { OpNode } from "../op.ts";
import { CASES } from "./grad_cases_test.ts";

/** The files that define ops. */
function sources(): string[] {
  return ["./", "../linalg/"].flatMap((folder) =>
    [...Deno.readDirSync(new URL(folder, import.meta.url))]
      .map(({ name }) => name)
      .filter((name) => name.endsWith(".ts") && !name.endsWith("_test.ts"))
      .map((name) => folder + name)
  );
}

/** The ops that the sources define: those with a backward, and all others. */
function definedOps(): {
  differentiable: Map<string, string>;
  other: string[];
} {
  const differentiable = new Map<string, string>();
  const other: string[] = [];
  for (const file of sources()) {
    const source = Deno.readTextFileSync(new URL(file, import.meta.url));
    // Top-level declarations, each up to the next one.
    const parts = source.split(/\n(?=(?:export )?(?:const|function) )/);
    const functions = new Map<string, string>();
    for (const part of parts) {
      const name = /^function (\w+)/.exec(part)?.[1];
      if (name !== undefined) functions.set(name, part);
    }
    for (const part of parts) {
      const record = /^const (\w+): Op\b/.exec(part);
      if (record === null) continue;
      // Another record by a name of its own has that one's backward.
      const origin = /\{ \.\.\.(\w+),/.exec(part)?.[1];
      const like = parts.find((it) => it.startsWith(`const ${origin}: Op`));
      const form = /^[^=]* =\s*(\w+)\(\s*"(\w+)"/;
      const helper = form.exec(part);
      const maker = (helper ?? form.exec(like ?? ""))?.[1];
      const body = maker === undefined
        ? like ?? part
        : functions.get(maker) ?? "";
      const name = helper?.[2] ?? /\bname: "(\w+)"/.exec(part)?.[1];
      assert(name !== undefined, `${file}: ${record[1]} has no name`);
      assert(/\bbackward:/.test(body), `${file}: ${record[1]} has no backward`);
      if (/\bbackward: null/.test(body)) other.push(name);
      else differentiable.set(name, file);
    }
    // No op may be declared in a form that the scan does not see.
    const seen = parts.filter((part) =>
      /^(const \w+: Op\b|function )/.test(part)
    )
      .join("\n");
    assertEquals(
      source.match(/\bsaves:/g)?.length ?? 0,
      seen.match(/\bsaves:/g)?.length ?? 0,
      `${file} defines an op other than by "const NAME: Op = ..."`,
    );
  }
  return { differentiable, other };
}

/** Adds the names of all ops that a tensor was recorded with. */
function collect(from: Tensor, names: Set<string>): void {
  const open: (OpNode | null)[] = [from.node];
  const done = new Set<OpNode>();
  while (open.length > 0) {
    const node = open.pop()!;
    if (node === null || done.has(node)) continue;
    done.add(node);
    names.add(node.op.name);
    for (const input of node.inputs) open.push(input.node);
  }
}

/** The ops whose backwards checkGrad runs for the lines of the table. */
function exercisedOps(): Set<string> {
  const names = new Set<string>();
  for (const { f, inputs, options } of CASES) {
    const xs = inputs.map((make) => make());
    const ys = f(...xs) as readonly Tensor[];
    // First order walks what f recorded; second order what its gradient did.
    for (const y of ys) collect(y, names);
    if (options.order === 1) continue;
    const value = ys.map((y) => y.sum()).reduce((a, b) => a.add(b));
    const leaves = xs.filter((x) => x.requiresGrad);
    for (const g of grad(value, leaves, { createGraph: true })) {
      collect(g!, names);
    }
  }
  return names;
}

Deno.test("every op with a backward has a line that checkGrad runs", () => {
  const { differentiable, other } = definedOps();
  const exercised = exercisedOps();
  const missing = [...differentiable]
    .filter(([name]) => !exercised.has(name))
    .map(([name, file]) => `${name} (${file})`);
  assertEquals(missing, [], "ops that no line of grad_cases_test.ts reaches");
  const unknown = [...exercised].filter((name) => !differentiable.has(name));
  assertEquals(unknown, [], "ops that ran but that the scan did not find");
  assert(differentiable.size >= 60, `only ${differentiable.size} ops found`);
  assert(other.length >= 15, `only ${other.length} ops without gradient found`);
});

Deno.test("every family's test runs its lines", () => {
  for (const family of new Set(CASES.map((line) => line.family))) {
    const source = Deno.readTextFileSync(
      new URL(`${family}_test.ts`, import.meta.url),
    );
    assert(
      source.includes(`testGradients("${family}")`),
      `${family}_test.ts does not call testGradients("${family}")`,
    );
  }
});
