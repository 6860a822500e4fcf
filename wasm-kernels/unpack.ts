/**
 * Unpacks LZMA, the raw stream of `xz --format=raw --lzma1=lc=0,lp=0,pb=0`.
 * Igor Pavlov's "LZMA specification" says how it works; names here are by
 * what things mean.
 *
 * @module
 */

// Where the chances of each kind of bit begin, in one table. Some depend on
// what the codes before were: twelve states.
const STATES = 12;
const IS_COPY = 0;
/** From one of the last four distances. */
const IS_KNOWN = IS_COPY + STATES;
const IS_OLDER = IS_KNOWN + STATES;
const IS_THIRD = IS_OLDER + STATES;
const IS_FOURTH = IS_THIRD + STATES;
/** A copy from the last distance of more than one byte. */
const IS_LONG = IS_FOURTH + STATES;
/** For a length: two bits that choose from two trees of 3 and one of 8. */
const LENGTH = IS_LONG + STATES;
const KNOWN_LENGTH = LENGTH + 2 * 9 + 256;
/** Trees of 6 bits for the magnitude of a distance, by the length. */
const SLOT = KNOWN_LENGTH + 2 * 9 + 256;
/** Trees for the low bits of distances below 128, and of all others. */
const NEAR = SLOT + 4 * 64;
const FAR = NEAR + 128;
/** Three trees of 8 bits. */
const BYTE = FAR + 16;
const CHANCES = BYTE + 3 * 256;

/** Turns the comparison of signed numbers into that of unsigned ones. */
const SIGN = 1 << 31;

/** Hands out what is packed in a stream, part by part. */
export class Unpacker {
  readonly #source: Uint8Array;
  #at = 0;
  // Both are 32 bits; as signed numbers V8 need not allocate them.
  #range = 0;
  #code = 0;
  /** How likely the bits are 0, times 2 ** 11. */
  readonly #chances = new Uint16Array(CHANCES).fill(1 << 10);
  #state = 0;
  // The last four distances, less one.
  #last = 0;
  #second = 0;
  #third = 0;
  #fourth = 0;
  readonly #out: Uint8Array<ArrayBuffer>;
  #to = 0;
  #taken = 0;

  /** `size` is how many bytes are packed in all. */
  constructor(source: Uint8Array, size: number) {
    this.#source = source;
    this.#out = new Uint8Array(size);
    for (let i = 0; i < 5; i++) this.#fetch();
    this.#range = -1;
  }

  /**
   * The next `n` bytes.
   *
   * Throws an Error where the stream proves to be damaged: with the last byte
   * at the latest, since an error spoils everything behind it.
   */
  take(n: number): Uint8Array<ArrayBuffer> {
    const part = this.#out.subarray(this.#taken, this.#taken += n);
    if (part.length < n) throw damaged(`it has ${this.#out.length} bytes only`);
    while (this.#to < this.#taken) this.#step();
    if (this.#taken === this.#out.length) this.#checkEnd();
    return part.slice();
  }

  /** Decodes a byte, or a copy of earlier bytes. */
  #step(): void {
    const out = this.#out;
    const state = this.#state;
    if (this.#bit(IS_COPY + state) === 0) return this.#byte();
    const length = this.#copyLength();
    let to = this.#to;
    let from = to - this.#last - 1;
    if (this.#last < 0 || from < 0) throw damaged("it copies from nowhere");
    this.#to = to + length;
    if (this.#to > out.length) throw damaged("it has more bytes");
    while (to < this.#to) out[to++] = out[from++]!;
  }

  /** What stands behind the bytes: a copy from the largest distance. */
  #checkEnd(): void {
    const isCopy = this.#bit(IS_COPY + this.#state) === 1;
    const length = isCopy ? this.#copyLength() : 0;
    if (length === 2 && this.#last === -1 && this.#code === 0) return;
    throw damaged("its end is not where it should be");
  }

  /** One bit: `code` is within `range`, which is cut by the bit's chances. */
  #bit(i: number): number {
    const chance = this.#chances[i]!;
    const bound = Math.imul(this.#range >>> 11, chance);
    let value = 0;
    if ((this.#code ^ SIGN) < (bound ^ SIGN)) {
      this.#range = bound;
      this.#chances[i] = chance + ((1 << 11) - chance >> 5);
    } else {
      this.#range = this.#range - bound | 0;
      this.#code = this.#code - bound | 0;
      this.#chances[i] = chance - (chance >> 5);
      value = 1;
    }
    if (this.#range >>> 24 === 0) this.#fetch();
    return value;
  }

  /** A bit that is as likely 0 as 1. */
  #evenBit(): number {
    this.#range >>>= 1;
    const value = (this.#code ^ SIGN) < (this.#range ^ SIGN) ? 0 : 1;
    if (value === 1) this.#code = this.#code - this.#range | 0;
    if (this.#range >>> 24 === 0) this.#fetch();
    return value;
  }

  #fetch(): void {
    if (this.#at === this.#source.length) throw damaged("it ends too early");
    this.#range <<= 8;
    this.#code = this.#code << 8 | this.#source[this.#at++]!;
  }

  /** A number of `n` bits, the highest first, each by those before it. */
  #tree(first: number, n: number): number {
    let node = 1;
    for (let i = 0; i < n; i++) node = node << 1 | this.#bit(first + node);
    return node - (1 << n);
  }

  /** The same, the lowest bit first. */
  #reversedTree(first: number, n: number): number {
    let value = 0;
    for (let i = 0, node = 1; i < n; i++) {
      const bit = this.#bit(first + node);
      node = node << 1 | bit;
      value |= bit << i;
    }
    return value;
  }

  #byte(): void {
    const out = this.#out;
    const to = this.#to;
    const state = this.#state;
    let node = 1;
    if (state >= 7) {
      // Behind a copy: not the byte that it would have gone on with.
      let other = out[to - this.#last - 1]!;
      for (let same = true; same && node < 256;) {
        const expected = other >> 7 & 1;
        other <<= 1;
        const bit = this.#bit(BYTE + (1 + expected << 8) + node);
        node = node << 1 | bit;
        same = bit === expected;
      }
    }
    while (node < 256) node = node << 1 | this.#bit(BYTE + node);
    out[to] = node;
    this.#to = to + 1;
    this.#state = state < 4 ? 0 : state - (state < 10 ? 3 : 6);
  }

  /** The length of a copy, whose distance becomes the last one. */
  #copyLength(): number {
    const state = this.#state;
    const byteBefore = state < 7;
    if (this.#bit(IS_KNOWN + state) === 0) {
      const length = this.#length(LENGTH);
      this.#fourth = this.#third;
      this.#third = this.#second;
      this.#second = this.#last;
      this.#last = this.#distance(length);
      this.#state = byteBefore ? 7 : 10;
      return length;
    }
    if (this.#bit(IS_OLDER + state) === 1) this.#recall();
    else if (this.#bit(IS_LONG + state) === 0) {
      this.#state = byteBefore ? 9 : 11;
      return 1;
    }
    this.#state = byteBefore ? 8 : 11;
    return this.#length(KNOWN_LENGTH);
  }

  #length(first: number): number {
    if (this.#bit(first) === 0) return 2 + this.#tree(first + 1, 3);
    if (this.#bit(first + 9) === 0) return 10 + this.#tree(first + 9, 3);
    return 18 + this.#tree(first + 17, 8);
  }

  #distance(length: number): number {
    const slot = this.#tree(SLOT + 64 * Math.min(length - 2, 3), 6);
    if (slot < 4) return slot;
    let n = (slot >> 1) - 1;
    const high = (2 | slot & 1) << n;
    if (slot < 14) return high + this.#reversedTree(NEAR + high - slot, n);
    let middle = 0;
    for (; n > 4; n--) middle = middle << 1 | this.#evenBit();
    return high + (middle << 4) + this.#reversedTree(FAR, 4);
  }

  /** Makes the second, third or fourth distance the last. */
  #recall(): void {
    const state = this.#state;
    const [second, third] = [this.#second, this.#third];
    this.#second = this.#last;
    this.#last = second;
    if (this.#bit(IS_THIRD + state) === 0) return;
    this.#third = second;
    this.#last = third;
    if (this.#bit(IS_FOURTH + state) === 0) return;
    this.#last = this.#fourth;
    this.#fourth = third;
  }
}

function damaged(what: string): Error {
  return new Error(`Unpacker got a damaged stream: ${what}`);
}
