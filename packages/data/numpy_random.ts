/**
 * NumPy's `RandomState`: the stream that scikit-learn's data sets are defined
 * by. For those alone; everything else draws from tensor's `Generator`.
 *
 * The generator is the Mersenne Twister MT19937: Matsumoto and Nishimura,
 * "Mersenne Twister", 1998. The methods are those of NumPy's legacy
 * `RandomState`, whose values never change between versions.
 *
 * @module
 */

const N = 624;
const M = 397;

/** Random numbers equal to `numpy.random.RandomState(seed)`. */
export class RandomState {
  readonly #words = new Uint32Array(N);
  #position = N;
  #gauss: number | null = null;

  /** Starts at a seed from 0 to 2^32 - 1. */
  constructor(seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
      throw new RangeError(
        `randomState is ${seed}, expected a whole number from 0 to 2^32 - 1`,
      );
    }
    const words = this.#words;
    words[0] = seed;
    for (let i = 1; i < N; i++) {
      const previous = words[i - 1]! ^ words[i - 1]! >>> 30;
      words[i] = Math.imul(1812433253, previous) + i;
    }
  }

  /** The next 32 bits. */
  uint32(): number {
    if (this.#position === N) this.#twist();
    let y = this.#words[this.#position++]!;
    y ^= y >>> 11;
    y ^= y << 7 & 0x9d2c5680;
    y ^= y << 15 & 0xefc60000;
    return (y ^ y >>> 18) >>> 0;
  }

  #twist(): void {
    const words = this.#words;
    for (let i = 0; i < N; i++) {
      const y = words[i]! & 0x80000000 | words[(i + 1) % N]! & 0x7fffffff;
      const odd = y & 1 ? 0x9908b0df : 0;
      words[i] = words[(i + M) % N]! ^ y >>> 1 ^ odd;
    }
    this.#position = 0;
  }

  /** Uniform in [0, 1), with 53 bits. */
  random(): number {
    const [high, low] = [this.uint32() >>> 5, this.uint32() >>> 6];
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /** Uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.random();
  }

  /** Normal, by Marsaglia's polar method, which makes two at a time. */
  normal(mean = 0, std = 1): number {
    return mean + std * this.#standardNormal();
  }

  #standardNormal(): number {
    const kept = this.#gauss;
    if (kept !== null) {
      this.#gauss = null;
      return kept;
    }
    for (;;) {
      const x = 2 * this.random() - 1;
      const y = 2 * this.random() - 1;
      const r = x * x + y * y;
      if (r >= 1 || r === 0) continue;
      const factor = Math.sqrt(-2 * Math.log(r) / r);
      this.#gauss = factor * x;
      return factor * y;
    }
  }

  /** A whole number in [0, high): the low bits, drawn until they fit. */
  randint(high: number): number {
    const most = high - 1;
    if (most === 0) return 0;
    const mask = 0xffffffff >>> Math.clz32(most);
    for (;;) {
      const value = (this.uint32() & mask) >>> 0;
      if (value <= most) return value;
    }
  }

  /** Shuffles a list in place, from its end. */
  shuffle(list: { [i: number]: number; readonly length: number }): void {
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.randint(i + 1);
      [list[i], list[j]] = [list[j]!, list[i]!];
    }
  }

  /** The numbers below `n` in random order. */
  permutation(n: number): Int32Array {
    const order = Int32Array.from({ length: n }, (_, i) => i);
    this.shuffle(order);
    return order;
  }
}
