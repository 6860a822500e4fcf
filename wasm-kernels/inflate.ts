/**
 * Inflates raw DEFLATE (RFC 1951), which no browser does synchronously.
 *
 * It runs once, when a program starts and nothing is compiled yet: so the loop
 * over symbols makes no calls and keeps its state in local variables.
 *
 * @module
 */

/** No symbol has more bits. */
const LONGEST = 15;
/** The symbol that ends a block: bytes are below, lengths above. */
const END = 256;
/** The order in which a block lists the code of its code lengths. */
const ORDER: readonly number[] = [
  ...[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15],
];

/** Symbols that stand for several numbers each. */
interface Ranges {
  /** The first number. */
  readonly first: Uint16Array;
  /** How many bits behind the symbol are to be added to it. */
  readonly extra: Uint8Array;
}

const LENGTHS: Ranges = ranges(29, 3, 2);
const DISTANCES: Ranges = ranges(30, 1, 1);
// The greatest length has a symbol of its own.
LENGTHS.first[28] = 258;
LENGTHS.extra[28] = 0;

/** `n` symbols for the numbers from `start` on, wider every 2 ** `log`. */
function ranges(n: number, start: number, log: number): Ranges {
  const first = new Uint16Array(n);
  const extra = new Uint8Array(n);
  for (let i = 0, next = start; i < n; i++) {
    first[i] = next;
    extra[i] = Math.max(0, (i >> log) - 1);
    next += 1 << extra[i]!;
  }
  return { first, extra };
}

/**
 * A prefix code by the stream's next bits: 16 times the symbol that they begin
 * with plus its number of bits, or 0 where they are no symbol.
 */
type Code = Uint16Array;

/** The code whose symbol `i` has `lengths[i]` bits; those with 0 have none. */
function codeOf(lengths: Uint8Array): Code {
  const counts = new Uint16Array(LONGEST + 1);
  for (let i = 0; i < lengths.length; i++) counts[lengths[i]!]!++;
  counts[0] = 0;
  const next = new Uint16Array(LONGEST + 1);
  let width = 0;
  for (let length = 1, bits = 0; length <= LONGEST; length++) {
    next[length] = bits <<= 1;
    bits += counts[length]!;
    if (bits > 1 << length) throw corrupt("a code has too many symbols");
    if (counts[length] !== 0) width = length;
  }
  const code = new Uint16Array(1 << width);
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol]!;
    if (length === 0) continue;
    let at = 0;
    for (let i = 0, bits = next[length]!++; i < length; i++, bits >>= 1) {
      at = at << 1 | bits & 1; // a symbol's first bit is the lowest
    }
    for (; at < code.length; at += 1 << length) {
      code[at] = symbol << 4 | length;
    }
  }
  return code;
}

/** What is read, and how far. */
interface Stream {
  readonly source: Uint8Array;
  /** The next byte. */
  at: number;
  /** Bits of the bytes before it, the next lowest, and how many. */
  bits: number;
  held: number;
}

/** Fetches bytes until `n` bits are held; zeros follow the end. */
function fetch(stream: Stream, n: number): void {
  while (stream.held < n) {
    stream.bits |= (stream.source[stream.at++] ?? 0) << stream.held;
    stream.held += 8;
  }
}

function drop(stream: Stream, n: number): void {
  stream.bits >>>= n;
  stream.held -= n;
}

/** A number of `n` bits. */
function number(stream: Stream, n: number): number {
  fetch(stream, n);
  const value = stream.bits & (1 << n) - 1;
  drop(stream, n);
  return value;
}

function symbol(stream: Stream, code: Code): number {
  fetch(stream, LONGEST);
  const entry = code[stream.bits & code.length - 1]!;
  if (entry === 0) throw noSymbol();
  drop(stream, entry & 15);
  return entry >> 4;
}

/** The codes of literals and distances that need no description. */
function fixedCodes(): [literals: Code, distances: Code] {
  const literals = new Uint8Array(288).fill(8);
  literals.fill(9, 144, 256).fill(7, 256, 280);
  return [codeOf(literals), codeOf(new Uint8Array(30).fill(5))];
}

/** The codes that a block describes. */
function describedCodes(stream: Stream): [literals: Code, distances: Code] {
  const literals = number(stream, 5) + 257;
  const n = literals + number(stream, 5) + 1;
  const own = new Uint8Array(19);
  for (let i = 0, end = number(stream, 4) + 4; i < end; i++) {
    own[ORDER[i]!] = number(stream, 3);
  }
  const code = codeOf(own);
  const lengths = new Uint8Array(n);
  for (let i = 0; i < n;) {
    const length = symbol(stream, code);
    if (length < 16) {
      lengths[i++] = length;
      continue;
    }
    let end = i + 3;
    if (length === 18) end += 8 + number(stream, 7);
    else end += number(stream, length === 16 ? 2 : 3);
    if (end > n || length === 16 && i === 0) {
      throw corrupt("a code has lengths of no symbol");
    }
    lengths.fill(length === 16 ? lengths[i - 1]! : 0, i, end);
    i = end;
  }
  const distances = lengths.subarray(literals);
  return [codeOf(lengths.subarray(0, literals)), codeOf(distances)];
}

/** Copies a block whose bytes lie in the stream as they are. */
function copyStored(stream: Stream, out: Uint8Array, to: number): number {
  drop(stream, stream.held & 7);
  stream.at -= stream.held >> 3;
  stream.bits = stream.held = 0;
  const n = number(stream, 16);
  if ((number(stream, 16) ^ n) !== 0xffff) {
    throw corrupt("a stored block's size and its complement do not agree");
  }
  const from = stream.at;
  stream.at += n;
  checkRead(stream);
  if (to + n > out.length) throw tooLong(out.length);
  out.set(stream.source.subarray(from, stream.at), to);
  return to + n;
}

/** Decodes a block's symbols up to its end. */
function decode(
  stream: Stream,
  [literals, distances]: [Code, Code],
  out: Uint8Array,
  to: number,
): number {
  const { source } = stream;
  const literalMask = literals.length - 1;
  const distanceMask = distances.length - 1;
  let { at, bits, held } = stream;
  for (;;) {
    // Enough for a literal, or a length with its extra bits.
    while (held < 20) {
      bits |= (at < source.length ? source[at]! : 0) << held;
      at++;
      held += 8;
    }
    let entry = literals[bits & literalMask]!;
    if (entry === 0) throw noSymbol();
    bits >>>= entry & 15;
    held -= entry & 15;
    entry >>= 4;
    if (entry < END) {
      if (to === out.length) throw tooLong(to);
      out[to++] = entry;
      continue;
    }
    if (entry === END) break;
    entry -= END + 1;
    if (entry >= LENGTHS.first.length) throw noSymbol();
    let extra = LENGTHS.extra[entry]!;
    const length = LENGTHS.first[entry]! + (bits & (1 << extra) - 1);
    bits >>>= extra;
    held -= extra;

    while (held < LONGEST) {
      bits |= (at < source.length ? source[at]! : 0) << held;
      at++;
      held += 8;
    }
    entry = distances[bits & distanceMask]!;
    bits >>>= entry & 15;
    held -= entry & 15;
    if (entry === 0 || entry >> 4 >= DISTANCES.first.length) throw noSymbol();
    extra = DISTANCES.extra[entry >> 4]!;
    while (held < extra) {
      bits |= (at < source.length ? source[at]! : 0) << held;
      at++;
      held += 8;
    }
    let from = to - DISTANCES.first[entry >> 4]! - (bits & (1 << extra) - 1);
    bits >>>= extra;
    held -= extra;

    if (from < 0) throw corrupt("a copy begins before the first byte");
    const end = to + length;
    if (end > out.length) throw tooLong(out.length);
    while (to < end) out[to++] = out[from++]!;
  }
  stream.at = at;
  stream.bits = bits;
  stream.held = held;
  checkRead(stream);
  return to;
}

/** Refuses zeros that were read from behind the end. */
function checkRead({ source, at, held }: Stream): void {
  if (at - (held >> 3) > source.length) throw corrupt("it ends too early");
}

function noSymbol(): Error {
  return corrupt("there are bits that are no symbol");
}

function tooLong(size: number): Error {
  return corrupt(`it has more than the expected ${size} bytes`);
}

function corrupt(what: string): Error {
  return new Error(`inflate() got damaged data: ${what}`);
}

/**
 * The `size` bytes that were compressed to `source`.
 *
 * Throws an Error that says what is wrong with the stream, or that it has
 * another size. What follows a complete stream is not read.
 */
export function inflate(
  source: Uint8Array,
  size: number,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(size);
  const stream = { source, at: 0, bits: 0, held: 0 };
  let to = 0;
  let last = 0;
  while (last === 0) {
    last = number(stream, 1);
    const kind = number(stream, 2);
    if (kind === 0) to = copyStored(stream, out, to);
    else if (kind === 1) to = decode(stream, fixedCodes(), out, to);
    else if (kind === 2) to = decode(stream, describedCodes(stream), out, to);
    else throw corrupt("a block is of no known kind");
  }
  if (to === size) return out;
  throw corrupt(`it has ${to} bytes, expected ${size}`);
}
