/** What the tests of the experiments share: the real command, and small data. */

import { run, scratchFolder } from "@fdunn/testing";
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import type { Parts } from "./figures.ts";

/** The bytes of an IDX file of unsigned bytes. */
function idx(sizes: number[], values: Uint8Array): Uint8Array {
  const head = [0, 0, 8, sizes.length];
  for (const size of sizes) head.push(0, 0, size >> 8, size & 255);
  return new Uint8Array([...head, ...values]);
}

/** A data folder like MNIST's: bars at a height that tells the class. */
export function writeMnist(folder: string): void {
  for (const [prefix, count] of [["train", 64], ["t10k", 32]] as const) {
    const pictures = new Uint8Array(count * 784);
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    for (let i = 0; i < count; i++) {
      const start = i * 784 + (4 + 2 * labels[i]!) * 28;
      pictures.fill(255, start, start + 56);
    }
    const write = (name: string, bytes: Uint8Array) =>
      Deno.writeFileSync(join(folder, `${prefix}-${name}-ubyte`), bytes);
    write("images-idx3", idx([count, 28, 28], pictures));
    write("labels-idx1", idx([count], labels));
  }
}

/** A data folder like CIFAR-10's: a bar in a colour plane tells the class. */
export function writeCifar10(folder: string): void {
  const record = 1 + 3 * 1024;
  const names = [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
  for (const name of [...names, "test_batch.bin"]) {
    const bytes = new Uint8Array(40 * record);
    for (let i = 0; i < 40; i++) {
      const label = i % 10;
      const start = i * record;
      bytes[start] = label;
      bytes.fill(255, start + 1 + label * 300, start + 1 + label * 300 + 300);
    }
    Deno.writeFileSync(join(folder, name), bytes);
  }
  const classes = Array.from({ length: 10 }, (_, i) => `thing ${i}\n`);
  Deno.writeTextFileSync(join(folder, "batches.meta.txt"), classes.join(""));
}

/** Tiny PNG files in a folder for each class, which their colour tells. */
export async function writePictures(folder: string): Promise<void> {
  const { default: encode } = await import(ENCODER);
  for (const [c, name] of ["red", "green", "blue"].entries()) {
    Deno.mkdirSync(join(folder, name, "more"), { recursive: true });
    for (let i = 0; i < 20; i++) {
      const [width, height] = [10, 8 + i % 3];
      const data = new Uint8ClampedArray(4 * width * height).fill(255);
      for (let at = 0; at < data.length; at += 4) {
        for (let k = 0; k < 3; k++) data[at + k] = k === c ? 200 + i : at % 90;
      }
      const bytes = await encode({ width, height, data });
      const place = i % 2 === 0 ? name : join(name, "more");
      const file = join(folder, place, `${i}.png`);
      Deno.writeFileSync(file, new Uint8Array(bytes));
    }
  }
}

/** The other half of what `picture_file.ts` decodes with. */
const ENCODER = ["npm:@jsquash/png@3.1.1", "encode.js"].join("/");

/** Arguments of `deno` that run the training with results below `folder`. */
export function program(folder: string, ...args: string[]): string[] {
  return [
    "run",
    "-q",
    "--no-prompt",
    "-P=train",
    `--allow-write=${folder}`,
    "examples/train.ts",
    ...args,
  ];
}

/** The programs of the tasks. */
const FILES: Readonly<Record<string, string[]>> = {
  train: ["examples/train.ts"],
  resume: ["examples/train.ts", "resume"],
  eval: ["examples/evaluate.ts"],
  predict: ["examples/predict.ts"],
  inspect: ["examples/inspect.ts"],
  compare: ["examples/compare.ts"],
};

/** Runs a command with the permissions that its task has. */
export function command(task: string, ...args: string[]) {
  const [file, ...first] = FILES[task]!;
  const sets: Record<string, string> = {
    ...{ train: "train", resume: "train", predict: "predict" },
  };
  const set = sets[task] ?? "look";
  const flags = ["run", "-q", "--no-prompt", `-P=${set}`, file!];
  return run("deno", [...flags, ...first, ...args]);
}

/** What a run of an experiment leaves. */
export interface Left {
  stdout: string;
  stderr: string;
  /** The names of the files in its folder. */
  files: string[];
  parts: Parts;
  seconds: number;
}

/** Runs an experiment, which must succeed; `write` makes its data folder. */
export async function experiment(
  args: string,
  write?: (folder: string) => void | Promise<void>,
): Promise<Left> {
  using scratch = scratchFolder("experiment");
  const { path } = scratch;
  await write?.(path);
  const out = join(path, "run");
  const given = [...args.split(" "), "--out", out];
  if (write !== undefined) given.push("--data", path);
  const { code, stdout, stderr } = await run("deno", program(path, ...given));
  assertEquals(code, 0, stderr);
  const { parts, seconds } = JSON.parse(
    Deno.readTextFileSync(join(out, "summary.json")),
  );
  const files = [...Deno.readDirSync(out)].map(({ name }) => name).sort();
  return { stdout, stderr, files, parts, seconds };
}
