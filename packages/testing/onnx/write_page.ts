/**
 * Exports every case of the parity tests and writes docs/ONNX.md: which public
 * names have ONNX operators. With `--check` it only says whether the page is
 * current, and names what is exported by no case and excused by nothing.
 *
 *     deno task onnx
 *
 * @module
 */

import * as nn from "@fdunn/nn";
import { exportOnnx } from "@fdunn/nn/onnx";
import * as tensor from "@fdunn/tensor";
import * as linalg from "@fdunn/tensor/linalg";
import { fromFileUrl } from "@std/path";
import { finishPage } from "../generated_page.ts";
import { alphabetically, exportedNames, methodNames } from "../public_names.ts";
import { LAYER_MODELS } from "./layer_models.ts";
import { NETWORK_MODELS } from "./network_models.ts";
import { NOT_EXPORTED } from "./not_exported.ts";
import { parityModels } from "./parity_models.ts";
import { readModel } from "./read_model.ts";

const page = fromFileUrl(new URL("../../../docs/ONNX.md", import.meta.url));

/** What the files of one name have. */
interface Row {
  files: number;
  operators: Set<string>;
}

/** The bytes of a file, unless the export refuses. */
function exported(
  model: nn.AnyModule,
  inputs: readonly unknown[],
): Uint8Array | null {
  try {
    return exportOnnx(model as nn.Module<unknown[], unknown>, inputs);
  } catch (error) {
    if ((error as Error).message.startsWith("exportOnnx()")) return null;
    throw error;
  }
}

async function exportAll(): Promise<Map<string, Row>> {
  const rows = new Map<string, Row>();
  const note = (name: string, file: Uint8Array | null) => {
    if (file === null) return;
    const row = rows.get(name) ?? { files: 0, operators: new Set() };
    row.files++;
    for (const { operator } of readModel(file).nodes) {
      row.operators.add(operator);
    }
    rows.set(name, row);
  };
  for (const make of await parityModels()) {
    const { op, model, inputs } = make();
    note(op, exported(model, inputs));
  }
  for (const model of [...LAYER_MODELS, ...NETWORK_MODELS]) {
    const file = exported(model.make(), model.inputs(...model.example));
    for (const name of model.shows ?? []) note(name, file);
  }
  return rows;
}

const SECTIONS: readonly [title: string, names: readonly string[]][] = [
  ["Tensors", [...new Set([...methodNames(), ...exportedNames(tensor)])]],
  ["Linear algebra", exportedNames(linalg).map((name) => `linalg.${name}`)],
  ["Layers, losses and their functions", exportedNames(nn)],
];

const EXCUSED: ReadonlySet<string> = new Set(
  Object.values(NOT_EXPORTED).flat(),
);

function render(rows: ReadonlyMap<string, Row>): string {
  let text = `# ONNX

Written by \`deno task onnx\`, which exports the cases of the parity tests with
\`exportOnnx()\` of \`@fdunn/nn/onnx\`: do not edit. Files are of opset 21; each is
run in onnxruntime and gives what fdunn gives, to 1e-5
(\`deno task test:python\`). A name has the operators of all its files, among
them those that only move elements.
`;
  const shown = new Set<string>();
  for (const [title, names] of SECTIONS) {
    text +=
      `\n## ${title}\n\n| name | files | operators |\n| --- | --- | --- |\n`;
    for (const name of names.toSorted(alphabetically)) {
      const row = rows.get(name);
      if (row === undefined || EXCUSED.has(name) || shown.has(name)) continue;
      shown.add(name);
      const operators = [...row.operators].sort().join(" ");
      text += `| \`${name}\` | ${row.files} | ${operators} |\n`;
    }
  }
  text += "\n## Not exported\n\n| name | why |\n| --- | --- |\n";
  for (const [why, names] of Object.entries(NOT_EXPORTED)) {
    text += `| ${names.map((name) => `\`${name}\``).join(" ")} | ${why} |\n`;
  }
  return text;
}

/** What is public but in no file, and what is excused in vain. */
function gaps(rows: ReadonlyMap<string, Row>): string[] {
  const all = new Set(SECTIONS.flatMap(([, names]) => names));
  const found: string[] = [];
  for (const name of all) {
    if (!rows.has(name) && !EXCUSED.has(name)) {
      found.push(`${name} is exported by no case: give it one in onnx/`);
    }
  }
  for (const name of EXCUSED) {
    if (!all.has(name)) {
      found.push(`not_exported.ts: nothing is called ${name}`);
    }
    const operators = rows.get(name)?.operators ?? new Set();
    operators.delete("Identity"); // a constant passes through it
    if (operators.size > 0) {
      found.push(`not_exported.ts: ${name} has operators`);
    }
  }
  return found;
}

if (import.meta.main) {
  tensor.setWarnings(false);
  tensor.manualSeed(3);
  const rows = await exportAll();
  console.log(`ONNX: ${rows.size} names`);
  await finishPage(page, render(rows), "onnx", gaps(rows));
}
