/** numpy's format for several arrays: a zip archive of `.npy` files. */

import type { Tensor } from "@fdunn/tensor";
import { expansionLimit } from "./expansion_limit.ts";
import { loadNpy, saveNpy } from "./npy.ts";
import { readZip, unpackedBytes, type ZipEntry } from "./zip.ts";
import { zipDeflated, type ZipFile, zipStored } from "./zip_writer.ts";

/** What the messages call the file. */
const NAME = "The .npz file";

/** Options of {@linkcode loadNpz}. */
export interface LoadNpzOptions {
  /** Which arrays to read; the others may be of any type. Default: all. */
  names?: readonly string[];
  /**
   * How many bytes the arrays may have together. Default: 256 MiB, or 100
   * times the archive if that is more; a few compressed bytes can claim more
   * than a machine has.
   */
  maxBytes?: number;
}

/**
 * The tensors in the bytes of a `.npz` file by name, compressed or not; each as
 * {@linkcode loadNpy} reads it.
 *
 * ```ts
 * import { loadNpz, saveNpz } from "@fdunn/data";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = saveNpz({ x: tensor([1, 2]), y: tensor([true]) });
 * const { x, y } = await loadNpz(bytes);
 * assertEquals([x!.toArray(), y!.dtype], [[1, 2], "bool"]);
 * ```
 *
 * See https://numpy.org/doc/stable/reference/generated/numpy.load.html
 *
 * @throws RangeError for an archive or an array that is cut off, has a wrong
 * checksum or contradicts itself, for names that it lacks, for files that are
 * no arrays, and for more than `maxBytes`. TypeError for elements that no
 * tensor holds.
 */
export async function loadNpz(
  bytes: Uint8Array,
  options: LoadNpzOptions = {},
): Promise<Record<string, Tensor>> {
  const entries = readZip(bytes, NAME);
  const limit = expansionLimit(NAME, bytes.length, options.maxBytes);
  const wanted = options.names ?? [...entries.keys()].map(withoutSuffix);
  const found = wanted.map((name) => [name, find(entries, name)] as const);
  for (const [, entry] of found) limit.add(entry.size);
  const tensors: [string, Tensor][] = [];
  for (const [name, entry] of found) {
    tensors.push([name, loadNpy(await unpackedBytes(entry), entry.name)]);
  }
  // fromEntries() takes "__proto__" for a name like any other.
  return Object.fromEntries(tensors);
}

/**
 * The bytes of a `.npz` file, not compressed; numpy calls it `savez`.
 *
 * ```ts
 * import { loadNpz, saveNpz } from "@fdunn/data";
 * import { Linear } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = saveNpz(new Linear(2, 3).stateDict());
 * assertEquals(Object.keys(await loadNpz(bytes)), ["weight", "bias"]);
 * ```
 *
 * See https://numpy.org/doc/stable/reference/generated/numpy.savez.html
 *
 * @throws TypeError for bfloat16, which numpy lacks. RangeError from 4 GiB on.
 */
export function saveNpz(
  tensors: Readonly<Record<string, Tensor>>,
): Uint8Array<ArrayBuffer> {
  return zipStored(arrayFiles(tensors));
}

/**
 * The bytes of a compressed `.npz` file; numpy calls it `savez_compressed`.
 *
 * ```ts
 * import { loadNpz, saveNpz, saveNpzCompressed } from "@fdunn/data";
 * import { zeros } from "@fdunn/tensor";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const tensors = { x: zeros([1000]) };
 * const bytes = await saveNpzCompressed(tensors);
 * assert(bytes.length < saveNpz(tensors).length / 10);
 * assertEquals((await loadNpz(bytes)).x!.shape, [1000]);
 * ```
 *
 * See https://numpy.org/doc/stable/reference/generated/numpy.savez_compressed.html
 *
 * @throws TypeError for bfloat16, which numpy lacks. RangeError from 4 GiB on.
 */
export function saveNpzCompressed(
  tensors: Readonly<Record<string, Tensor>>,
): Promise<Uint8Array<ArrayBuffer>> {
  return zipDeflated(arrayFiles(tensors));
}

/** The file of an array in the archive. */
function find(entries: Map<string, ZipEntry>, name: string): ZipEntry {
  const entry = entries.get(`${name}.npy`);
  if (entry !== undefined) return entry;
  throw new RangeError(
    entries.has(name)
      ? `loadNpz() got a file that is no array: ${name.slice(0, 200)}`
      : `loadNpz() finds no array "${name}", only ${
        [...entries.keys()].map(withoutSuffix).join(", ").slice(0, 500)
      }`,
  );
}

function arrayFiles(tensors: Readonly<Record<string, Tensor>>): ZipFile[] {
  return Object.entries(tensors)
    .map(([name, x]) => ({ path: `${name}.npy`, bytes: saveNpy(x) }));
}

function withoutSuffix(path: string): string {
  return path.endsWith(".npy") ? path.slice(0, -".npy".length) : path;
}
