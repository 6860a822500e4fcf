/** Files that are almost right: what readers of hostile files are tried on. */

/** Whole numbers below a bound, the same for the same seed: mulberry32. */
export type Draw = (bound: number) => number;

/** A stream of draws of its own for each seed. */
export function drawFrom(seed: number): Draw {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % bound;
  };
}

/** Sizes, offsets and counts that break what reckons with them. */
const NUMBERS: readonly bigint[] = [
  ...[0n, 1n, 2n, 7n, 127n, 128n, 255n, 256n, 65535n, 65536n, 2n ** 24n],
  ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n],
  ...[2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n],
];

/** The same as text, with what else a parser of numbers may meet. */
const TEXTS: readonly string[] = [
  ...NUMBERS.map(String),
  ...["-1", "-0", "1.5", "1e999", "NaN", "0x10", "1".repeat(40)],
];

/** One change of some bytes. */
type Edit = (
  bytes: Uint8Array,
  draw: Draw,
  tokens: readonly Uint8Array[],
) => Uint8Array;

const encoded = TEXTS.map((text) => new TextEncoder().encode(text));

const EDITS: readonly Edit[] = [
  function flipBit(bytes, draw) {
    const copy = bytes.slice();
    copy[draw(copy.length)]! ^= 1 << draw(8);
    return copy;
  },
  function setByte(bytes, draw) {
    const copy = bytes.slice();
    copy[draw(copy.length)] = draw(256);
    return copy;
  },
  function setNumber(bytes, draw) {
    const width = 1 << draw(4); // 1, 2, 4, 8
    const padded = new Uint8Array(bytes.length + 8);
    padded.set(bytes);
    const value = draw(4) > 0
      ? NUMBERS[draw(NUMBERS.length)]!
      : BigInt(bytes.length + draw(3) - 1);
    const at = draw(bytes.length);
    for (let i = 0; i < width; i++) {
      padded[at + i] = Number((value >> BigInt(8 * i)) & 255n);
    }
    return padded.slice(0, bytes.length);
  },
  function setDigits(bytes, draw) {
    const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39;
    const starts: number[] = [];
    for (let i = 0; i < bytes.length && i < 4096; i++) {
      if (isDigit(bytes[i]!) && !isDigit(bytes[i - 1] ?? 0)) starts.push(i);
    }
    if (starts.length === 0) return bytes;
    const start = starts[draw(starts.length)]!;
    let end = start;
    while (end < bytes.length && isDigit(bytes[end]!)) end++;
    return replaced(bytes, start, end, encoded[draw(encoded.length)]!);
  },
  function insertToken(bytes, draw, tokens) {
    const at = draw(bytes.length + 1);
    return replaced(bytes, at, at, tokens[draw(tokens.length)]!);
  },
  function overwriteToken(bytes, draw, tokens) {
    const at = draw(bytes.length);
    const token = tokens[draw(tokens.length)]!;
    return replaced(bytes, at, at + token.length, token);
  },
  function cutOff(bytes, draw) {
    return bytes.slice(0, draw(bytes.length + 1));
  },
  function append(bytes, draw) {
    const token = new Uint8Array(1 + draw(40)).fill(draw(256));
    return replaced(bytes, bytes.length, bytes.length, token);
  },
  function remove(bytes, draw) {
    const at = draw(bytes.length);
    return replaced(bytes, at, at + 1 + draw(16), new Uint8Array(0));
  },
  function splice(bytes, draw) {
    const from = draw(bytes.length);
    const part = bytes.slice(from, from + 1 + draw(64));
    const at = draw(bytes.length);
    return replaced(bytes, at, at + draw(2) * part.length, part);
  },
];

function replaced(
  bytes: Uint8Array,
  start: number,
  end: number,
  part: Uint8Array,
): Uint8Array {
  const rest = bytes.subarray(Math.min(end, bytes.length));
  const result = new Uint8Array(start + part.length + rest.length);
  result.set(bytes.subarray(0, start));
  result.set(part, start);
  result.set(rest, start + part.length);
  return result;
}

/** The bytes with one to four changes. */
export function mutant(
  bytes: Uint8Array,
  draw: Draw,
  tokens: readonly Uint8Array[],
): Uint8Array {
  for (let edits = 1 + draw(4); edits > 0 && bytes.length > 0; edits--) {
    bytes = EDITS[draw(EDITS.length)]!(bytes, draw, tokens);
  }
  return bytes;
}
