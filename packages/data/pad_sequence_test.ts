import { arange, ones, tensor } from "@fdunn/tensor";
import { assertEquals, assertThrows } from "@std/assert";
import { padSequence } from "./mod.ts";

Deno.test("padSequence() pads to the longest, behind or before, batch first or not", () => {
  const sequences = [tensor([1, 2]), tensor([3, 4, 5]), tensor([6])];
  // The values of torch.nn.utils.rnn.pad_sequence.
  assertEquals(padSequence(sequences).toArray(), [[1, 3, 6], [2, 4, 0], [
    0,
    5,
    0,
  ]]);
  const left = padSequence(sequences, {
    batchFirst: true,
    paddingValue: -1,
    paddingSide: "left",
  });
  assertEquals(left.toArray(), [[-1, 1, 2], [3, 4, 5], [-1, -1, 6]]);
});

Deno.test("padSequence() keeps dtypes, inner axes and gradients", () => {
  const a = ones([1, 2], { requiresGrad: true });
  const batch = padSequence([a, ones([3, 2])], { batchFirst: true });
  assertEquals(batch.shape, [2, 3, 2]);
  batch.sum().backward();
  assertEquals(a.grad!.toArray(), [[1, 1]]);
  const labels = arange(2, { dtype: "int32" });
  const padded = padSequence([labels, arange(3, { dtype: "int32" })], {
    paddingValue: -100,
  });
  assertEquals([padded.dtype, padded.shape], ["int32", [3, 2]]);
  assertEquals(padded.select(1, 0).toArray(), [0, 1, -100]);
  assertEquals(padSequence([ones([0]), ones([2])]).toArray(), [[0, 1], [0, 1]]);
});

Deno.test("padSequence() refuses with a sentence", () => {
  assertThrows(() => padSequence([]), RangeError, "padSequence() got no seq");
  assertThrows(
    () => padSequence([tensor(1)]),
    RangeError,
    "padSequence() got a scalar, expected sequences [T, ...]",
  );
  assertThrows(() => padSequence([ones([2, 3]), ones([2, 4])]), RangeError);
});
