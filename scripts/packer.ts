/**
 * Packs WebAssembly modules, so that `wasm-kernels/unpack.ts` unpacks them:
 * the sources of the unpacker, compiled to do the same the other way around.
 *
 * @module
 */

/** What `wasm-kernels/unpack` exports with `--cfg pack`; addresses are numbers. */
interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __heap_base: WebAssembly.Global;
  lengths(alphabet: number): number;
  met(alphabet: number): number;
  start(out: number, outEnd: number, room: number, size: number): number;
  guide(module: number): void;
  unpack(size: number, last: boolean): number;
  packed_end(): number;
}

/** How many symbols the alphabets have. */
const ALPHABETS = [1024, 256, 256];

/** A word of a Huffman code has at most that many bits. */
const LONGEST = 15;

/** The lengths of a Huffman code's words, by how often each symbol comes. */
export function wordLengths(
  counts: readonly number[],
): Uint8Array<ArrayBuffer> {
  for (let shift = 0;; shift++) {
    const lengths = new Uint8Array(counts.length);
    let trees = counts.flatMap((count, symbol) =>
      count > 0 ? [{ count: Math.max(1, count >> shift), of: [symbol] }] : []
    );
    if (trees.length === 1) lengths[trees[0]!.of[0]!] = 1;
    while (trees.length > 1) {
      trees.sort((a, b) => a.count - b.count);
      const [first, second] = trees as [typeof trees[0], typeof trees[0]];
      const of = [...first.of, ...second.of];
      for (const symbol of of) lengths[symbol]!++;
      const count = first.count + second.count;
      trees = [...trees.slice(2), { count, of }];
    }
    // Counts that differ less make words that do.
    if (Math.max(...lengths) <= LONGEST) return lengths;
  }
}

/** The packed modules, and how often symbols came. */
function packWith(
  packer: WebAssembly.Module,
  modules: readonly Uint8Array[],
  lengths: readonly Uint8Array[],
): { packed: Uint8Array<ArrayBuffer>; counts: number[][] } {
  const instance = new WebAssembly.Instance(packer);
  const exports = instance.exports as unknown as Exports;
  const { memory } = exports;
  const size = modules.reduce((sum, { length }) => sum + length, 0);
  if (size >= 2 ** 20) throw new Error(`${size} bytes are more than 2^20`);
  // Symbols that come as a surprise take more than they have.
  const out = exports.__heap_base.value, packedRoom = 2 * size + 4096;
  const source = out + packedRoom, room = (source + size + 3) & -4;
  memory.grow(Math.ceil((packedRoom + 15 * size + 4096) / 65536));
  const bytes = new Uint8Array(memory.buffer);
  for (const [alphabet, of] of lengths.entries()) {
    bytes.set(of, exports.lengths(alphabet));
  }
  exports.start(out, out, room, size);
  let from = source;
  for (const [i, module] of modules.entries()) {
    bytes.set(module, from);
    exports.guide(from);
    if (!exports.unpack(module.length, i + 1 === modules.length)) {
      throw new Error(`Module ${i} cannot be packed`);
    }
    from += module.length;
  }
  const counts = ALPHABETS.map((symbols, alphabet) => [
    ...new Uint32Array(memory.buffer, exports.met(alphabet), symbols),
  ]);
  return { packed: bytes.slice(out, exports.packed_end()), counts };
}

/** Packs modules into one stream: what they have in common is there once. */
export function pack(
  modules: readonly Uint8Array[],
  packer: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  const compiled = new WebAssembly.Module(packer);
  // All words of one length; the next time they are as long as they should be.
  const even = ALPHABETS.map((n) => new Uint8Array(n).fill(Math.log2(n)));
  const { counts } = packWith(compiled, modules, even);
  return packWith(compiled, modules, counts.map(wordLengths)).packed;
}
