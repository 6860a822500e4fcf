/** What `torch.save()` writes: a zip archive of a pickle and its storages. */

import type { Tensor } from "@fdunn/tensor";
import { elementWidth } from "./element_type.ts";
import { expansionLimit } from "./expansion_limit.ts";
import { isDict, PickleGlobal, unpickle } from "./pickle.ts";
import { storageElement, torchGlobal } from "./torch_global.ts";
import { TorchStorage } from "./torch_storage.ts";
import { readZip, storedBytes, type ZipEntry } from "./zip.ts";

/** Options of {@linkcode loadTorch}. */
export interface LoadTorchOptions {
  /**
   * How many bytes the tensors may have together. Default: 256 MiB, or 100
   * times the file if that is more; an expanded tensor can claim any size.
   */
  maxBytes?: number;
}

/** What the messages call the file. */
const NAME = "The PyTorch file";

/** How deep containers may lie; Python cannot save what is deeper. */
const MAX_DEPTH = 1000;

/** What to do about a file that holds more than data. */
const ADVICE =
  "in Python, write torch.save(model.state_dict(), path) and load that";

/** The longest pickle. A tensor takes some 150 bytes of it. */
const MAX_PICKLE_BYTES = 1 << 23;

/** How files from before PyTorch 1.6 begin: with a pickled number. */
const LEGACY = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a];

/**
 * What `torch.save()` wrote into a `.pt` or `.pth` file: a state dict, or any
 * nest of dictionaries, lists and tuples with tensors, numbers, text, booleans
 * and None. Dictionaries become objects, lists and tuples arrays, None null;
 * dtypes and devices become their names.
 *
 * A `.pt` file holds a program in Python's pickle format. Of it only those
 * instructions are followed that make such plain data, as PyTorch does with
 * `weights_only=True`; a file with anything else is refused, and the message
 * names what it holds. Nothing of it is ever run.
 *
 * Tensors get numbers of their own, row by row, whatever views they were.
 * int16 and uint16 become int32, uint32 and uint64 int64; float16, bfloat16,
 * int64, int8 and uint8 stay as they are and only store. Parameters, and what
 * else required grad, require it again.
 *
 * ```ts
 * import { loadTorch } from "@fdunn/data";
 * import { Linear } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * // What torch.save(nn.Linear(3, 2).state_dict(), "linear.pt") wrote.
 * const folder = "packages/testing/fixtures/formats";
 * const bytes = await Deno.readFile(`${folder}/linear.pt`);
 * const model = new Linear(3, 2);
 * model.loadStateDict(loadTorch(bytes));
 * assertEquals(model.weight.toArray(), [[0, 1, 2], [3, 4, 5]]);
 * ```
 *
 * The type of the result is what you say it is, as with `JSON.parse()`:
 * `loadTorch<{ epoch: number; model: StateDict }>(bytes)`.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.load.html
 *
 * @throws TypeError for a file that holds anything else, by its name: other
 * classes and functions, whole modules, sparse, quantized or complex tensors.
 * RangeError for the format from before PyTorch 1.6, for a file that is cut off
 * or contradicts itself, for more than `maxBytes`, and for more than 2^20
 * containers or 1000 inside of each other.
 */
export function loadTorch<Content = Record<string, Tensor>>(
  bytes: Uint8Array,
  options: LoadTorchOptions = {},
): Content {
  if (LEGACY.every((byte, i) => bytes[i] === byte)) {
    throw new RangeError(
      `${NAME} has the format from before PyTorch 1.6, which is not read: in Python, write torch.save(torch.load(path, weights_only=True), path) once`,
    );
  }
  const archive = new TorchArchive(bytes);
  const limit = expansionLimit(NAME, bytes.length, options.maxBytes);
  const pickle = archive.read("data.pkl");
  if (pickle.length > MAX_PICKLE_BYTES) {
    throw new RangeError(
      `${NAME} has ${pickle.length} bytes beside its tensors, expected up to ${MAX_PICKLE_BYTES}: save long lists of numbers as tensors`,
    );
  }
  const content = unpickle(pickle, {
    name: NAME,
    find: (name) => torchGlobal(name, limit, refusal),
    load: (id) => archive.storage(id),
  });
  checkPlain(content);
  return content as Content;
}

/** The files of a PyTorch archive. */
class TorchArchive {
  readonly #entries: Map<string, ZipEntry>;
  /** The folder that all files are in. */
  readonly #root: string;
  readonly #bigEndian: boolean;
  readonly #storages: Map<string, TorchStorage> = new Map();

  constructor(bytes: Uint8Array) {
    this.#entries = readZip(bytes, NAME);
    const pickle = [...this.#entries.keys()]
      .find((path) => /^[^/]+\/data\.pkl$/.test(path));
    if (pickle === undefined) {
      throw new RangeError(
        `${NAME} has no data.pkl: torch.save() did not write it`,
      );
    }
    this.#root = pickle.slice(0, -"data.pkl".length);
    if (this.#entries.has(`${this.#root}constants.pkl`)) {
      throw new TypeError(
        `${NAME} holds a TorchScript program, which is not run: ${ADVICE}`,
      );
    }
    this.#bigEndian = this.#readByteOrder();
  }

  /** Files from before PyTorch 2.1 do not say it, and are little-endian. */
  #readByteOrder(): boolean {
    if (!this.#entries.has(`${this.#root}byteorder`)) return false;
    const order = new TextDecoder().decode(this.read("byteorder"));
    if (order === "little" || order === "big") return order === "big";
    throw new RangeError(
      `${NAME} has the byte order ${
        JSON.stringify(order.slice(0, 80))
      }, expected "little" or "big"`,
    );
  }

  /** The bytes of a file in the folder. */
  read(path: string): Uint8Array {
    const entry = this.#entries.get(this.#root + path);
    if (entry === undefined) throw new RangeError(`${NAME} has no ${path}`);
    // torch.serialization.set_crc32_options(False) leaves zeros.
    const { crc, method, size, packed } = entry;
    return crc === 0 && method === 0 && size === packed.length
      ? packed
      : storedBytes(entry);
  }

  /** The storage that a persistent id names. */
  storage(id: unknown): TorchStorage {
    const [kind, type, key, , count] = Array.isArray(id) ? id : [];
    const element = storageElement(type);
    if (
      kind !== "storage" || typeof key !== "string" ||
      typeof count !== "number" || element === undefined
    ) throw new RangeError(`${NAME} refers to something that is no storage`);
    const place = `${element} ${key}`;
    let storage = this.#storages.get(place);
    if (storage === undefined) {
      const name = `${NAME}: data/${key.slice(0, 80)}`;
      const bytes = this.read(`data/${key}`);
      const expected = count * (element === null ? 1 : elementWidth(element));
      if (bytes.length !== expected) {
        throw new RangeError(
          `${name} has ${bytes.length} bytes, expected ${expected}`,
        );
      }
      storage = new TorchStorage(name, element, bytes, this.#bigEndian);
      this.#storages.set(place, storage);
    }
    return storage;
  }
}

/**
 * Refuses what only means something to the pickle itself, and what lies so deep
 * that whoever walks through it would overflow the stack.
 */
function checkPlain(content: unknown): void {
  const seen = new Set<unknown>();
  let level = [content];
  for (let depth = 0; level.length > 0; depth++) {
    const below: unknown[] = [];
    for (const value of level) {
      if (value instanceof PickleGlobal) throw refusal(value.name);
      if (value instanceof TorchStorage) throw refusal("a storage");
      if (seen.has(value) || !(Array.isArray(value) || isDict(value))) continue;
      if (depth === MAX_DEPTH) {
        throw new RangeError(
          `${NAME} has more than ${MAX_DEPTH} containers inside of each other`,
        );
      }
      seen.add(value);
      for (const part of Object.values(value)) below.push(part);
    }
    level = below;
  }
}

function refusal(what: string): TypeError {
  return new TypeError(
    `${NAME} holds ${
      what.slice(0, 200)
    }, which is neither a tensor nor a plain container; nothing of it was run: ${ADVICE}`,
  );
}
