/**
 * Classifies pictures with a trained network: `deno task predict --help`.
 *
 * @module
 */

import { loadMnist, readIdx } from "@fdunn/data";
import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import { loadModel, standardOutput } from "@fdunn/train";
import { join } from "@std/path";
import {
  type CommandLine,
  readCommandLine,
  requireAccess,
  runProgram,
  usageError,
  UserError,
  wholeNumber,
  withoutStack,
} from "./command_line.ts";
import { beside, drawPicture } from "./digit_picture.ts";
import { mnistCnn } from "./mnist_cnn.ts";

const HELP = `Classifies digits with the network of a run folder.

    deno task predict RUN [IMAGES] [options]

  RUN            a folder that deno task train mnist_cnn has left
  IMAGES         an IDX file of pictures of 28 x 28 bytes, such as
                 t10k-images-idx3-ubyte   (MNIST's test pictures)
  --data DIR     folder of MNIST's four IDX files, instead of IMAGES
  --count N      how many digits to show  (6)
  --json         the classes and their probabilities as JSON, of all pictures
  --help         this text
`;

const BATCH = 250;

/** Pictures and, where they are known, their classes. */
interface Digits {
  images: Tensor; // [N, 1, 28, 28], float32
  labels: ArrayLike<number> | null;
}

async function predict(
  { options, flags, rest }: CommandLine,
): Promise<void> {
  const [run, file, ...more] = rest;
  if (run === undefined || more.length > 0) {
    throw usageError(
      "predict expects a run folder and perhaps a file: deno task predict RUN [IMAGES]",
    );
  }
  if (file !== undefined && options.data !== undefined) {
    throw usageError("Give either IMAGES or --data, not both");
  }
  const count = wholeNumber("count", options.count ?? "6", 0);
  const model = await openModel(run);
  const { images, labels } = file !== undefined
    ? await readImages(file)
    : await readMnist(options.data);
  const total = images.shape[0]!;
  let correct = 0;
  const json = flags.includes("json");
  const predictions: { class: number; probability: number }[] = [];
  const shown: { lines: string[]; caption: string }[] = [];
  const { terminal, columns, colour } = standardOutput();
  for (let start = 0; start < total; start += BATCH) {
    const batch = images.narrow(0, start, Math.min(BATCH, total - start));
    const { classes, shares } = classify(model, batch);
    for (let i = 0; i < classes.length; i++) {
      const label = labels?.[start + i];
      if (classes[i] === label) correct++;
      predictions.push({ class: classes[i]!, probability: shares[i]! });
      if (shown.length >= count) continue;
      const pixels = batch.select(0, i).data() as Float32Array;
      const wrong = label === undefined || label === classes[i]
        ? ""
        : `, is ${label}`;
      shown.push({
        lines: drawPicture({ pixels, width: 28, height: 28 }, colour),
        caption: `${classes[i]}  ${percent(shares[i]!)}${wrong}`,
      });
    }
  }
  if (json) {
    const known = labels === null ? {} : { correct };
    console.log(JSON.stringify({ total, ...known, predictions }));
    return;
  }
  const fitting = Math.max(1, Math.floor(((terminal ? columns : 90) + 2) / 30));
  for (let i = 0; i < shown.length; i += fitting) {
    console.log(beside(shown.slice(i, i + fitting), 28) + "\n");
  }
  console.log(
    labels === null
      ? `${total} pictures`
      : `${correct} of ${total} correct: ${percent(correct / total)}`,
  );
}

/** The most probable class of each picture, and its probability. */
function classify(
  model: { forward(x: Tensor): Tensor },
  images: Tensor,
): { classes: ArrayLike<number>; shares: ArrayLike<number> } {
  return noGrad(() =>
    scope(() => {
      const { values, indices } = model.forward(images).softmax(1).max(1);
      return {
        classes: indices.data() as Int32Array,
        shares: values.data() as Float32Array,
      };
    })
  );
}

async function openModel(run: string): Promise<ReturnType<typeof mnistCnn>> {
  await requireAccess({
    what: run,
    path: run,
    kinds: ["read"],
    program: "predict",
  });
  let activation: unknown;
  try {
    const config = JSON.parse(
      await Deno.readTextFile(join(run, "config.json")),
    );
    activation = config.options?.activation;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new UserError(`${run} is no run folder: it has no config.json`);
    }
    throw new UserError(`${run} is no run folder: ${withoutStack(error)}`);
  }
  if (activation !== "sigmoid" && activation !== "relu") {
    throw new UserError(
      `${run} holds no run of mnist_cnn, whose pictures predict knows`,
    );
  }
  const model = mnistCnn(activation);
  try {
    loadModel(model, join(run, "model.safetensors"));
  } catch (error) {
    throw new UserError(`Cannot load ${run}'s model: ${withoutStack(error)}`);
  }
  model.eval();
  return model;
}

async function readImages(file: string): Promise<Digits> {
  await requireAccess({
    what: file,
    path: file,
    kinds: ["read"],
    program: "predict",
  });
  try {
    const bytes = readIdx(await Deno.readFile(file), file);
    const [n, height, width] = bytes.shape;
    if (bytes.ndim !== 3 || n === 0 || height !== 28 || width !== 28) {
      throw new RangeError(
        `${file} has shape [${bytes.shape.join(", ")}], expected [N, 28, 28]`,
      );
    }
    return { images: toInput(bytes), labels: null };
  } catch (error) {
    throw new UserError(withoutStack(error));
  }
}

async function readMnist(dir: string | undefined): Promise<Digits> {
  if (dir !== undefined) {
    await requireAccess({
      what: `--data ${dir}`,
      path: dir,
      kinds: ["read"],
      program: "predict",
    });
  }
  try {
    const { images, labels } = await loadMnist(
      "test",
      dir === undefined ? {} : { dir },
    );
    return { images: toInput(images), labels: labels.data() as Int32Array };
  } catch (error) {
    throw new UserError(withoutStack(error));
  }
}

/** Bytes as `[N, 1, 28, 28]` in [0, 1]. */
function toInput(bytes: Tensor): Tensor {
  return bytes.reshape([-1, 1, 28, 28]).to("float32").mul(1 / 255);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

if (import.meta.main) {
  await runProgram(async () => {
    const line = readCommandLine(Deno.args, ["data", "count"], ["json"]);
    if (line.help) console.log(HELP);
    else await predict(line);
  });
}
