import { assert, assertEquals, assertThrows } from "@std/assert";
import { arange, meshgrid, zeros } from "../mod.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("meshgrid() gives views over the grid", () => {
  const [a, b] = [arange(2), arange(3)];
  const [rows, columns] = meshgrid([a, b]);
  assertEquals(rows!.toArray(), [[0, 0, 0], [1, 1, 1]]);
  assertEquals(columns!.toArray(), [[0, 1, 2], [0, 1, 2]]);
  assert(rows!.array.storage === a.array.storage);
  const xy = meshgrid([a, b], { indexing: "xy" });
  assertEquals(xy.map((t) => t.shape), [[3, 2], [3, 2]]);
  assertEquals(xy[0]!.toArray(), [[0, 1], [0, 1], [0, 1]]);
  assertEquals(meshgrid([zeros([]), a])[1]!.shape, [1, 2]);
});

Deno.test("meshgrid() refuses matrices, nothing, and other orders", () => {
  assertThrows(() => meshgrid([]), RangeError, "meshgrid() got no tensors");
  assertThrows(
    () => meshgrid([arange(2), zeros([2, 3])]),
    RangeError,
    "meshgrid() got a tensor of shape [2, 3], expected one axis",
  );
  const options = { indexing: "yx" as "xy" };
  assertThrows(
    () => meshgrid([arange(2)], options),
    RangeError,
    'meshgrid() got indexing "yx", expected ij or xy',
  );
});

testGradients("meshgrid");
