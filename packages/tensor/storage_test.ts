import { assert, assertEquals, assertThrows } from "@std/assert";
import { full, tensor, zeros } from "./create.ts";
import { noGrad } from "./grad_mode.ts";
import { memoryStats } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

const MB = 2 ** 20;

Deno.test("garbage of synchronous code stays within the budget", () => {
  const kept = full([1000], 7);
  let sum = 0;
  for (let i = 0; i < 1500; i++) {
    sum += full([MB / 4], i).narrow(0, 5, 1).item();
  }
  assertEquals(sum, 1500 * 1499 / 2);
  const { liveBytes, wasmBytes, evictedBytes } = memoryStats();
  assert(liveBytes < 80 * MB, `${liveBytes} bytes live`);
  assert(wasmBytes < 160 * MB, `${wasmBytes} bytes of wasm`);
  assert(evictedBytes > 1000 * MB);
  assertEquals(kept.sum().item(), 7000, "evicted and restored");
});

Deno.test("tiny garbage stays within the budget, too", () => {
  const x = tensor([1, 2, 3]);
  const kept = x.mul(2);
  for (let i = 0; i < 600_000; i++) x.add(i);
  assert(memoryStats().liveBytes < 80 * MB);
  assertEquals(kept.toArray(), [2, 4, 6]);
});

Deno.test("evicted tensors come back unchanged, whatever their size", () => {
  const kept: Tensor[] = [];
  for (let i = 0; i < 200; i++) kept.push(full([i * 997], i));
  kept.push(tensor(3), tensor([true, false]), tensor(2, { dtype: "float64" }));
  for (let i = 0; i < 300; i++) full([MB / 4], i);
  for (let i = 0; i < 200; i++) {
    const data = kept[i]!.data();
    assertEquals(data.length, i * 997);
    assert((data as Float32Array).every((v) => v === i));
  }
  assertEquals(kept[200]!.item(), 3);
  assertEquals(kept[201]!.toArray(), [true, false]);
  assertEquals(kept[202]!.item(), 2);
});

Deno.test("small evicted tensors come back to the last bit", () => {
  // Words with any bits are floats, too: signs, subnormals, NaN of all kinds.
  const words = Int32Array.from(
    { length: 300 },
    (_, i) => Math.imul(i + 1, 0x9e3779b1),
  );
  const kept: [Tensor, ArrayLike<number>][] = [];
  for (let n = 1; n <= 300; n++) {
    const floats = new Float32Array(words.slice(0, n).buffer);
    const truth = Array.from({ length: n }, (_, i) => words[i]! & 1);
    // Results, since what JavaScript brought is there still.
    kept.push([tensor(floats).clone(), words]);
    kept.push([tensor(truth, { dtype: "bool" }).clone(), truth]);
  }
  const before = memoryStats().restoredBytes;
  for (let i = 0; i < 300; i++) full([MB / 4], i);
  for (const [x, expected] of kept) {
    const found = x.reshape([-1]).clone().data();
    const bits = found instanceof Float32Array
      ? new Int32Array(found.buffer)
      : found;
    for (let i = 0; i < bits.length; i++) {
      assertEquals(bits[i], expected[i], `${i} of ${x.shape}`);
    }
  }
  assert(memoryStats().restoredBytes > before, "they had been moved out");
});

Deno.test("an evicted tensor that is written to keeps the new value", () => {
  const x = zeros([5000]);
  for (let round = 1; round <= 3; round++) {
    x.add_(1);
    for (let i = 0; i < 200; i++) full([MB / 4], i);
    assertEquals(x.sum().item(), 5000 * round);
  }
});

Deno.test("views share bytes with what they view across evictions", () => {
  const x = zeros([2, 3000]);
  const row = x.select(0, 1);
  for (let i = 0; i < 200; i++) full([MB / 4], i);
  row.add_(2);
  for (let i = 0; i < 200; i++) full([MB / 4], i);
  assertEquals(x.sum().item(), 6000);
});

Deno.test("a graph may outgrow the budget and still be walked", () => {
  const w = full([MB], 0.001, { requiresGrad: true }); // 4 MB
  let y: Tensor = w;
  for (let i = 0; i < 60; i++) y = y.mul(1.01); // 240 MB of activations
  y.sum().backward();
  const expected = 1.01 ** 60;
  assert(Math.abs(w.grad!.narrow(0, 77, 1).item() / expected - 1) < 1e-5);
});

Deno.test("validation without noGrad, never walked, is forgotten", () => {
  const w = full([MB / 4], 0.5, { requiresGrad: true });
  for (let i = 0; i < 400; i++) w.mul(2).sin(); // 800 MB recorded, dropped
  const { wasmBytes } = memoryStats();
  assert(wasmBytes < 700 * MB, `${wasmBytes} bytes of wasm`);
  w.mul(3).sum().backward();
  assertEquals(w.grad!.narrow(0, 0, 1).item(), 3);
});

Deno.test("memoryStats() says by which op bytes live", () => {
  const x = full([12345], 1);
  const y = x.mul(2);
  const { liveBytesByOp } = memoryStats();
  assert(liveBytesByOp.mul! >= 4 * 12345);
  assertEquals(y.size, 12345);
});

Deno.test("running out of memory is a RangeError that says how much", () => {
  const huge = 2 ** 31;
  const error = assertThrows(() => zeros([huge]), RangeError);
  assert(error.message.includes(`${huge * 4}`), error.message);
  assert(error.message.includes("live"), error.message);
  assertEquals(tensor([1, 2]).sum().item(), 3, "and the library goes on");
});

Deno.test("dispose() ends a handle, and the bytes with the last one", () => {
  const x = full([100_000], 1);
  const view = x.narrow(0, 0, 10);
  const before = memoryStats().liveBytes;
  x.dispose();
  x.dispose();
  assertThrows(() => x.sum(), Error, "disposed");
  assertEquals(view.sum().item(), 10);
  view.dispose();
  assert(memoryStats().liveBytes < before - 400_000);
});

Deno.test("dispose() leaves what a graph needs to the graph", () => {
  const w = full([50_000], 2, { requiresGrad: true });
  const x = full([50_000], 3);
  const y = w.mul(x);
  const loss = y.sum();
  x.dispose();
  y.dispose();
  loss.backward();
  assertEquals(w.grad!.narrow(0, 9, 1).item(), 3);
  assertThrows(() => x.sum(), Error, "disposed");
});

Deno.test("a using declaration disposes at the end of its block", () => {
  let outside: Tensor;
  {
    using x = tensor([1, 2, 3]);
    outside = x;
    assertEquals(x.sum().item(), 6);
  }
  assertThrows(() => outside.sum(), Error, "disposed");
});

Deno.test("in place on what requires grad names the op to use instead", () => {
  const w = tensor([1], { requiresGrad: true });
  assertThrows(() => w.add_(1), Error, "use add()");
  noGrad(() => w.add_(1));
  assertEquals(w.toArray(), [2]);
});
