/**
 * CIFAR-10 and CIFAR-100: 60,000 colour pictures of 32 by 32 pixels.
 * Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
 *
 * @module
 */

import { tensor } from "@fdunn/tensor";
import { readFile } from "./file.ts";
import { ImageDataset } from "./image_dataset.ts";
import { readTar } from "./tar.ts";

/** The two parts: 50,000 and 10,000 pictures. */
export type CifarSplit = "train" | "test";

/** Options of {@linkcode loadCifar10}. */
export interface CifarOptions {
  /**
   * The folder with the binary version's files, or the `.tar.gz` they come in.
   */
  path: string;
}

/** Options of {@linkcode loadCifar100}. */
export interface Cifar100Options extends CifarOptions {
  /** The 100 fine classes, or the 20 coarse ones. Default "fine". */
  labels?: "fine" | "coarse";
}

const PIXELS = 3 * 32 * 32;
const SOURCE = "https://www.cs.toronto.edu/~kriz/cifar.html";

/** How the files of a version are laid out. */
interface Layout {
  name: string;
  archive: string;
  folder: string;
  files: Record<CifarSplit, string[]>;
  /** Label bytes before each picture, and which of them to take. */
  labelBytes: number;
  label: number;
  classFile: string;
}

/**
 * Loads CIFAR-10 from the binary version's files: 10 classes.
 *
 * The pictures are kept as bytes `[N, 3, 32, 32]`, and become float32 in [0, 1]
 * when a batch is asked for. Reading needs read permission on the files.
 *
 * ```ts ignore
 * import { DataLoader, loadCifar10 } from "@fdunn/data";
 *
 * const train = await loadCifar10("train", { path: "cifar-10-binary.tar.gz" });
 * const loader = new DataLoader(train, { batchSize: 32, shuffle: true });
 * ```
 *
 * See https://www.cs.toronto.edu/~kriz/cifar.html
 *
 * @throws Error for missing files: the message says where they were looked for
 * and where to get them. RangeError for files that are cut off.
 */
export function loadCifar10(
  split: CifarSplit,
  options: CifarOptions,
): Promise<ImageDataset> {
  return load(split, options.path, {
    name: "CIFAR-10",
    archive: "cifar-10-binary.tar.gz",
    folder: "cifar-10-batches-bin",
    files: {
      train: [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`),
      test: ["test_batch.bin"],
    },
    labelBytes: 1,
    label: 0,
    classFile: "batches.meta.txt",
  });
}

/**
 * Loads CIFAR-100 from the binary version's files: 100 classes, or 20 coarse
 * ones. As {@linkcode loadCifar10}.
 *
 * See https://www.cs.toronto.edu/~kriz/cifar.html
 */
export function loadCifar100(
  split: CifarSplit,
  options: Cifar100Options,
): Promise<ImageDataset> {
  const { labels = "fine" } = options;
  if (labels !== "fine" && labels !== "coarse") {
    throw new RangeError(
      `loadCifar100() got labels ${labels}, expected "fine" or "coarse"`,
    );
  }
  return load(split, options.path, {
    name: "CIFAR-100",
    archive: "cifar-100-binary.tar.gz",
    folder: "cifar-100-binary",
    files: { train: ["train.bin"], test: ["test.bin"] },
    labelBytes: 2,
    label: labels === "coarse" ? 0 : 1,
    classFile: `${labels}_label_names.txt`,
  });
}

async function load(
  split: CifarSplit,
  path: string,
  layout: Layout,
): Promise<ImageDataset> {
  const { name, files, classFile } = layout;
  const parts = files[split];
  if (parts === undefined) {
    throw new RangeError(
      `${name} got split ${JSON.stringify(split)}, expected "train" or "test"`,
    );
  }
  const find = await open(path, layout);
  const records = [];
  for (const file of parts) records.push(await recordsOf(file, find, layout));
  const count = records.reduce((sum, part) => sum + part.count, 0);
  const images = new Uint8Array(count * PIXELS);
  const labels = new Int32Array(count);
  let at = 0;
  for (const part of records) {
    const stride = layout.labelBytes + PIXELS;
    for (let i = 0; i < part.count; i++, at++) {
      const record = part.bytes.subarray(i * stride, (i + 1) * stride);
      labels[at] = record[layout.label]!;
      images.set(record.subarray(layout.labelBytes), at * PIXELS);
    }
  }
  const classes = new TextDecoder().decode(await find(classFile)).trim()
    .split(/\s*\n\s*/);
  return new ImageDataset(
    tensor(images, { shape: [count, 3, 32, 32] }),
    tensor(labels),
    classes,
    name,
  );
}

/** The bytes of a file of the data set. */
type Find = (file: string) => Promise<Uint8Array<ArrayBuffer>>;

/** A folder, the folder around it, or the archive. */
async function open(path: string, layout: Layout): Promise<Find> {
  const missing = (file: string) =>
    new Error(
      `${layout.name} needs ${file}, and ${path} has none (nor ${path}/${layout.folder}): get ${layout.archive} from ${SOURCE}, and give its path or the folder it unpacks to`,
    );
  if (/\.(tar|tgz|tar\.gz)$/.test(path)) {
    const bytes = await readFile(path);
    if (bytes === null) throw missing(layout.archive);
    const files = readTar(bytes, path);
    return (file) => {
      const found = files.get(`${layout.folder}/${file}`) ?? files.get(file);
      if (found === undefined) throw missing(file);
      return Promise.resolve(found);
    };
  }
  const folder = path.replace(/[/\\]+$/, "");
  return async (file) => {
    const bytes = await readFile(`${folder}/${file}`) ??
      await readFile(`${folder}/${layout.folder}/${file}`);
    if (bytes === null) throw missing(file);
    return bytes;
  };
}

async function recordsOf(
  file: string,
  find: Find,
  layout: Layout,
): Promise<{ bytes: Uint8Array; count: number }> {
  const bytes = await find(file);
  const count = bytes.length / (layout.labelBytes + PIXELS);
  if (Number.isInteger(count) && count > 0) return { bytes, count };
  throw new RangeError(
    `${file} has ${bytes.length} bytes, expected records of ${
      layout.labelBytes + PIXELS
    } bytes (${layout.labelBytes} for the label, 3 planes of 32 x 32 pixels): it is truncated or not ${layout.name}`,
  );
}
