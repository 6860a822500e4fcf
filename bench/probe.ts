/**
 * The measure of all products: the speed of a loop of nothing but vector
 * multiply-adds in registers, to stand beside each figure. The loop is a
 * module of its own, so that the kernels need not carry it.
 *
 * @module
 */

/** Independent sums: enough to hide the latency of an addition. */
const SUMS = 12;
const [FACTOR, TERM, FIRST] = [3, 4, 5];
const LOOP_ROUNDS = 100_000;

const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const SPLAT = [0xfd, 0x13];
const ADD = [0xfd, 0xe4, 0x01];
const MULTIPLY = [0xfd, 0xe6, 0x01];
const RELAXED_MADD = [0xfd, 0x85, 0x02];

/** A section or a body: its length comes first, in two bytes. */
function sized(bytes: readonly number[]): number[] {
  return [(bytes.length & 127) | 128, bytes.length >> 7, ...bytes];
}

/** The module: run(rounds, factor, term). */
function moduleBytes(fused: boolean): Uint8Array<ArrayBuffer> {
  const sums = Array.from({ length: SUMS }, (_, i) => FIRST + i);
  // The sum is a factor: no product is the same in every round.
  const step = (sum: number) =>
    fused
      ? [...get(sum), ...get(FACTOR), ...get(TERM), ...RELAXED_MADD]
      : [...get(sum), ...get(FACTOR), ...MULTIPLY, ...get(TERM), ...ADD];
  const body = [
    ...[1, SUMS + 2, 0x7b], // locals: v128
    ...[...get(1), ...SPLAT, ...set(FACTOR), ...get(2), ...SPLAT, ...set(TERM)],
    ...sums.flatMap((sum) => [...get(TERM), ...set(sum)]),
    ...[0x03, 0x40], // loop
    ...sums.flatMap((sum) => [...step(sum), ...set(sum)]),
    ...[...get(0), 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0], // while --rounds
    0x0b,
    ...get(FIRST),
    ...sums.slice(1).flatMap((sum) => [...get(sum), ...ADD]),
    ...[0xfd, 0x1f, 0, 0x0b], // lane 0
  ];
  const name = [..."run"].map((letter) => letter.charCodeAt(0));
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, ...sized([1, 0x60, 3, 0x7f, 0x7d, 0x7d, 1, 0x7d])],
    ...[3, ...sized([1, 0])],
    ...[7, ...sized([1, name.length, ...name, 0, 0])],
    ...[10, ...sized([1, ...sized(body)])],
  ]);
}

/** Runs the loop so often and checks its sums. */
function loop(fused: boolean): (rounds: number) => void {
  const module = new WebAssembly.Module(moduleBytes(fused));
  const run = new WebAssembly.Instance(module).exports.run as (
    rounds: number,
    factor: number,
    term: number,
  ) => number;
  return (rounds) => {
    const sum = run(rounds, 0.5, 1);
    // 2 - 2^-rounds for each, which float32 soon rounds to 2.
    if (Math.abs(sum - 2 * SUMS) > 2 * SUMS * 2 ** -rounds) {
      throw new Error(`The probe's sums are ${sum}`);
    }
  };
}

/** Floating point operations of one round of the loop. */
const FLOPS = 2 * 4 * SUMS;

/**
 * As many operations as a kernel does, and nothing else: for `Deno.bench`, as
 * the baseline of a group.
 */
export function probeOf(flops: number, fused = true): () => void {
  const run = loop(fused);
  const rounds = Math.max(1, Math.round(flops / FLOPS));
  return () => run(rounds);
}

/**
 * Billions of float32 operations a second on one thread, the best of several
 * short runs. `fused` is what the relaxed build computes with.
 */
export function probe(fused: boolean): number {
  const run = loop(fused);
  let best = Infinity;
  for (let i = 0; i < 20; i++) {
    const began = performance.now();
    run(LOOP_ROUNDS);
    best = Math.min(best, performance.now() - began);
  }
  return FLOPS * LOOP_ROUNDS / best / 1e6;
}

if (import.meta.main) {
  const line = (name: string, fused: boolean) =>
    console.log(`${name}: ${probe(fused).toFixed(1)} GFLOP/s`);
  line("relaxed", true);
  line("simd128", false);
}
