import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type Finished, run, runOk, scratchFolder } from "./child.ts";
import type { ThreadFigures } from "./threads_program.ts";

const program = fromFileUrl(new URL("./threads_program.ts", import.meta.url));

/** How the program runs in Deno without a permission, and bundled in Node. */
async function inBoth(
  use: (
    name: string,
    start: (...args: string[]) => Promise<Finished>,
  ) => Promise<void>,
): Promise<void> {
  using folder = scratchFolder("threads");
  const bundle = join(folder.path, "program.mjs");
  await runOk("deno", [
    ...["bundle", "--quiet", "--no-lock", "--platform", "deno"],
    ...[program, "-o", bundle],
  ]);
  const deno = ["run", "--quiet", "--no-prompt", program];
  await use("Deno", (...args) => run("deno", [...deno, ...args]));
  await use("Node", (...args) => run("node", [bundle, ...args]));
}

Deno.test("Deno and Node train on four threads with the same bits", async () => {
  let first: ThreadFigures | null = null;
  await inBoth(async (name, start) => {
    const { code, stdout, stderr } = await start();
    assertEquals(code, 0, stderr);
    const found = JSON.parse(stdout) as ThreadFigures;
    first ??= found;
    assertEquals(found, first, name);
    assertEquals(found.workers, 3, name);
    assertEquals(new Set(found.hashes).size, 1, name);
    assertEquals(new Set(found.losses).size, 1, name);
  });
});

/** How the program ends, and the exit code that it must have. */
const ENDS: Record<string, [code: number, message: string]> = {
  parked: [0, ""],
  busy: [0, ""],
  cold: [0, ""],
  exit: [7, ""],
  throw: [1, "thrown on purpose"],
  reject: [1, "rejected on purpose"],
};

Deno.test("a program with workers ends by itself, whatever ends it", async () => {
  await inBoth(async (name, start) => {
    for (const [end, [code, message]] of Object.entries(ENDS)) {
      const began = performance.now();
      const found = await start(end);
      assertEquals(found.code, code, `${name}, ${end}: ${found.stderr}`);
      assertStringIncludes(found.stderr, message, `${name}, ${end}`);
      assert(performance.now() - began < 20_000, `${name}, ${end}`);
    }
  });
});
