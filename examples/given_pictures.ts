/** Pictures to classify, from files of several kinds. */

import { ImageDataset, readIdx } from "@fdunn/data";
import { cat, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { UserError, withoutStack } from "./command_line.ts";
import { requireAccess } from "./permission.ts";
import { decodePicture, type Pixels } from "./picture_file.ts";
import { picturesBelow, resized } from "./picture_folder.ts";

/** The pictures that a network takes. */
export interface PictureShape {
  channels: 1 | 3;
  /** Width and height. */
  size: number;
}

/** Pictures, and the file of each. */
export interface GivenPictures {
  pictures: ImageDataset;
  files: string[];
}

/**
 * Reads PNG, JPEG and IDX files, and what of the first two is in folders.
 *
 * @throws UserError for what is no picture, and where there are none.
 */
export async function readPictures(
  paths: readonly string[],
  shape: PictureShape,
): Promise<GivenPictures> {
  const parts: Tensor[] = [];
  const files: string[] = [];
  const add = async (file: string) => {
    const part = await readFile(file, shape); // [n, channels, size, size]
    parts.push(part);
    for (let i = 0; i < part.shape[0]!; i++) files.push(file);
  };
  for (const path of paths) {
    await requireAccess({ what: path, path, kinds: ["read"] });
    try {
      const { isDirectory } = await Deno.stat(path);
      const found = isDirectory ? await picturesBelow(path) : [path];
      if (found.length === 0) throw new Error(`${path} has no pictures`);
      for (const file of found) await add(file);
    } catch (error) {
      throw new UserError(withoutStack(error));
    }
  }
  const none = zeros([files.length], { dtype: "int32" });
  return { pictures: new ImageDataset(cat(parts, 0), none, [""]), files };
}

async function readFile(file: string, shape: PictureShape): Promise<Tensor> {
  const { channels, size } = shape;
  const bytes = await Deno.readFile(file);
  if (channels === 1 && bytes[0] === 0 && bytes[1] === 0) {
    const found = readIdx(bytes, file);
    const [n, height, width] = found.shape;
    if (found.ndim !== 3 || n === 0 || height !== size || width !== size) {
      throw new RangeError(
        `${file} has shape [${
          found.shape.join(", ")
        }], expected [N, ${size}, ${size}]`,
      );
    }
    return found.unsqueeze(1);
  }
  const planes = resized(await decodePicture(bytes, file), size);
  return tensor(channels === 1 ? grey(planes) : planes, {
    shape: [1, channels, size, size],
  });
}

/** Brightness, as PIL's `convert("L")` weighs the colours. */
function grey(planes: Pixels["planes"]): Uint8Array {
  const area = planes.length / 3;
  return Uint8Array.from({ length: area }, (_, i) => {
    const [r, g, b] = [planes[i]!, planes[area + i]!, planes[2 * area + i]!];
    return (r * 19595 + g * 38470 + b * 7471 + 0x8000) >> 16;
  });
}
