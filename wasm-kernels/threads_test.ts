import process from "node:process";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { runtime } from "./mod.ts";

const { memory } = runtime;

/** A float32 block with values that depend on every position. */
function block(n: number, f: (i: number) => number): number {
  const at = memory.allocate(n * 4);
  for (let i = 0; i < n; i++) memory.heap.f32[at / 4 + i] = f(i);
  return at;
}

/** Waits until workers have had time to start. */
async function started(run: () => void): Promise<void> {
  for (let i = 0; i < 20; i++) {
    run();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

Deno.test("a product is the same bits on 1, 2, 3 and 4 threads", async () => {
  const [m, n, k] = [333, 129, 257];
  const a = block(m * k, (i) => Math.sin(i));
  const b = block(k * n, (i) => Math.cos(i * 0.7));
  const out = memory.allocate(m * n * 4);
  // What no worker has begun is done here: its arguments are asked for twice.
  const parts = new Set<number>();
  const run = () => {
    parts.clear();
    runtime.parallel("matmul", m, 64, 2 * m * n * k, (from, to, scratch) => {
      parts.add(from);
      return [
        ...[1, to - from, n, k, a + from * k * 4, 0, k, 1],
        ...[b, 0, n, 1, 0, out + from * n * 4, n, scratch],
      ];
    });
  };
  const threads = runtime.threads;
  let expected: number[] | undefined;
  for (const count of [1, 2, 3, 4]) {
    runtime.setThreads(count);
    await started(run);
    assertEquals(parts.size, count, "all threads take part");
    const words = memory.heap.u32.subarray(out / 4, out / 4 + m * n);
    expected ??= [...words];
    assertEquals([...words], expected);
    memory.heap.f32.fill(NaN, out / 4, out / 4 + m * n);
  }
  runtime.setThreads(threads);
});

Deno.test("a thread that fails is an error here, and the next call works", async () => {
  const x = block(1 << 20, (i) => i);
  const threads = runtime.threads;
  runtime.setThreads(2);
  const run = (bad: boolean) =>
    runtime.parallel("exp", 1 << 20, 4, 1 << 22, (from, to) => {
      // Far outside of the memory: the worker's call traps.
      const at = bad && from > 0 ? 0xfffffff0 : x + from * 4;
      return [to - from, at, at];
    });
  // A worker that has no processor does not get to it, and the error is ours.
  for (let i = 0; i < 20; i++) {
    await started(() => run(false));
    const error = assertThrows(() => run(true), Error);
    if (error.message.includes("A thread failed in exp")) break;
    assertStringIncludes(error.message, "out of bounds");
    assert(i < 19, "the worker never had a call");
  }
  run(false);
  await started(() => run(false));
  runtime.setThreads(threads);
});

/** Elements of a small call: a quarter of what is worth waking a worker for. */
const FEW = 20_000;

/** Small calls, one after the other, until a worker took a part of one. */
async function smallCalls(x: number, out: (from: number) => number) {
  const parts = new Set<number>();
  const deadline = performance.now() + 30_000;
  while (parts.size < 2) {
    assert(performance.now() < deadline, "no worker ever took part");
    // Workers start meanwhile; one without a processor is left alone at first.
    await new Promise((resolve) => setTimeout(resolve, 5));
    for (let i = 0; i < 200 && parts.size < 2; i++) {
      parts.clear();
      runtime.parallel("exp", FEW, 4, 48 * FEW, (from, to) => {
        parts.add(from);
        return [to - from, x + from * 4, out(from)];
      });
    }
  }
}

Deno.test("small calls that follow each other wake a worker and use it", async () => {
  const x = block(FEW, (i) => i / FEW - 1);
  const out = memory.allocate(FEW * 4);
  const threads = runtime.threads;
  runtime.setThreads(2);
  await smallCalls(x, (from) => out + from * 4);
  for (let i = 0; i < FEW; i++) {
    const expected = Math.exp(memory.heap.f32[x / 4 + i]!);
    assertAlmostEquals(memory.heap.f32[out / 4 + i]!, expected, 1e-6);
  }
  runtime.setThreads(threads);
});

Deno.test("a thread that fails in a small call is an error here", async () => {
  const x = block(FEW, (i) => i / FEW - 1);
  const out = memory.allocate(FEW * 4);
  const threads = runtime.threads;
  runtime.setThreads(2);
  const bad = (from: number) => from > 0 ? 0xfffffff0 : out;
  await assertRejects(() => smallCalls(x, bad), Error);
  await smallCalls(x, (from) => out + from * 4);
  runtime.setThreads(threads);
});

Deno.test("workers sleep when no calls come", async () => {
  const x = block(FEW, (i) => i / FEW - 1);
  const out = memory.allocate(FEW * 4);
  const threads = runtime.threads;
  runtime.setThreads(3);
  await smallCalls(x, (from) => out + from * 4);
  await new Promise((resolve) => setTimeout(resolve, 200)); // the compilers, too
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { user, system } = process.cpuUsage(before);
  assertLess(user + system, 100_000, "microseconds of 500,000");
  runtime.setThreads(threads);
});

Deno.test("setThreads() refuses what is not a number of threads", () => {
  for (const count of [0, -1, 1.5, NaN, 65]) {
    assertThrows(
      () => runtime.setThreads(count),
      RangeError,
      "setNumThreads()",
    );
  }
});

/** Runs a program and returns its exit code and the time it took. */
async function program(code: string): Promise<[number, number, string]> {
  const began = performance.now();
  const path = new URL("./mod.ts", import.meta.url).href;
  const { code: exit, stderr, stdout } = await new Deno.Command("deno", {
    args: [
      ...["eval", "--no-lock", "--no-check"],
      `import { runtime } from ${JSON.stringify(path)};${code}`,
    ],
  }).output();
  const text = new TextDecoder().decode(stderr) +
    new TextDecoder().decode(stdout);
  return [exit, performance.now() - began, text];
}

const WORK = `
const { memory } = runtime;
runtime.setThreads(3);
const x = memory.allocate(4 << 20);
const run = (n = 1 << 20) => runtime.parallel("exp", n, 4, 48 * n,
  (from, to) => [to - from, x + from * 4, x + from * 4]);
`;

Deno.test("a program ends by itself with workers parked, just used or awake", async () => {
  const parked = await program(
    `${WORK} run(); await new Promise((r) => setTimeout(r, 300)); run();`,
  );
  assertEquals(parked[0], 0, parked[2]);
  const started = await program(`${WORK} run();`);
  assertEquals(started[0], 0, started[2]);
  const awake = await program(
    `${WORK} for (let i = 0; i < 20; i++) {
      run(20_000);
      await new Promise((r) => setTimeout(r, 10));
      for (let j = 0; j < 500; j++) run(20_000);
    }`,
  );
  assertEquals(awake[0], 0, awake[2]);
  assert(Math.max(parked[1], started[1], awake[1]) < 20_000);
});
