/** Folders of pictures as data sets, with torchvision.ImageFolder's rules. */

import { ImageDataset, trainTestSplit } from "@fdunn/data";
import { adaptiveAvgPool2d, noGrad, scope, tensor } from "@fdunn/tensor";
import { join } from "@std/path";
import { decodePicture, type Pixels } from "./picture_file.ts";

/** Options of {@linkcode loadPictureFolder}. */
export interface PictureFolderOptions {
  /** Width and height that pictures are brought to. */
  size: number;
  /** At most so many of each class, the first ones. Default: all. */
  perClass?: number;
}

/** Options of {@linkcode loadPictures}. */
export interface PicturesOptions extends PictureFolderOptions {
  /** The share of the pictures of each class that is for testing. */
  testShare: number;
  /** Which ones: the split's seed. */
  seed: number;
}

const EXTENSIONS = [".jpg", ".jpeg", ".png"];

/**
 * The pictures for training and those for testing: of a folder's own subfolders
 * `train` and `test` (or `val`) if it has them, else a split of its pictures.
 */
export async function loadPictures(
  path: string,
  options: PicturesOptions,
): Promise<[train: ImageDataset, test: ImageDataset]> {
  const { folders } = await entriesOf(path);
  const second = ["test", "val"].find((name) => folders.includes(name));
  if (folders.includes("train") && second !== undefined) {
    return [
      await loadPictureFolder(join(path, "train"), options),
      await loadPictureFolder(join(path, second), options),
    ];
  }
  const { classes, images, labels } = await loadPictureFolder(path, options);
  const [xTrain, xTest, yTrain, yTest] = trainTestSplit([images, labels], {
    testSize: options.testShare,
    randomState: options.seed,
    stratify: labels,
  });
  return [
    new ImageDataset(xTrain, yTrain, classes, path),
    new ImageDataset(xTest, yTest, classes, path),
  ];
}

/**
 * Reads the pictures below a folder: each subfolder is a class, classes and
 * files are sorted by name, deeper folders belong to their class. A picture is
 * cut to the largest square in its middle, and brought to the size wanted by
 * means over the pixels.
 *
 * See https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
 *
 * @throws Error for a folder without classes, a class without pictures, and
 * pictures that are broken: messages name them.
 */
export async function loadPictureFolder(
  path: string,
  { size, perClass = Infinity }: PictureFolderOptions,
): Promise<ImageDataset> {
  const { folders: classes } = await entriesOf(path);
  if (classes.length === 0) {
    throw new Error(
      `${path} has no classes: it should have a subfolder with pictures for each`,
    );
  }
  const files: string[] = [];
  const labels: number[] = [];
  for (const [label, name] of classes.entries()) {
    const found = await picturesBelow(join(path, name));
    if (found.length === 0) {
      throw new Error(
        `${join(path, name)} has no pictures: those of a class end in ${
          EXTENSIONS.join(", ")
        }`,
      );
    }
    for (const file of found.slice(0, perClass)) {
      files.push(file);
      labels.push(label);
    }
  }
  const bytes = new Uint8Array(files.length * 3 * size * size);
  for (const [i, file] of files.entries()) {
    const pixels = await decodePicture(await Deno.readFile(file), file);
    bytes.set(resized(pixels, size), i * 3 * size * size);
  }
  return new ImageDataset(
    tensor(bytes, { shape: [files.length, 3, size, size] }),
    tensor(Int32Array.from(labels)),
    classes,
    path,
  );
}

/** All pictures below a folder, by path: its own first, sorted, then each subfolder's. */
export async function picturesBelow(path: string): Promise<string[]> {
  const { files, folders } = await entriesOf(path);
  const found = files.map((name) => join(path, name)).filter((file) =>
    EXTENSIONS.some((end) => file.toLowerCase().endsWith(end))
  );
  for (const name of folders) {
    found.push(...await picturesBelow(join(path, name)));
  }
  return found;
}

/** Names in a folder, sorted; links count as what they name. */
async function entriesOf(
  path: string,
): Promise<{ files: string[]; folders: string[] }> {
  const [files, folders]: [string[], string[]] = [[], []];
  for await (const entry of Deno.readDir(path)) {
    const { isDirectory } = entry.isSymlink
      ? await Deno.stat(join(path, entry.name))
      : entry;
    (isDirectory ? folders : files).push(entry.name);
  }
  return { files: files.sort(), folders: folders.sort() };
}

/** `[3, size, size]` bytes of the largest square in the middle. */
export function resized(
  { width, height, planes }: Pixels,
  size: number,
): Uint8Array {
  if (width === size && height === size) return planes;
  const side = Math.min(width, height);
  return noGrad(() =>
    scope(() => {
      const square = tensor(planes, { shape: [1, 3, height, width] })
        .narrow(2, (height - side) >> 1, side)
        .narrow(3, (width - side) >> 1, side);
      const means = adaptiveAvgPool2d(square.to("float32"), [size, size]);
      return means.add(0.5).to("uint8").data() as Uint8Array; // rounded
    })
  );
}
