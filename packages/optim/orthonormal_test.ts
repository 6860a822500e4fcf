import { eye, Generator, randn, tensor } from "@fdunn/tensor";
import { assertClose } from "@fdunn/testing";
import { assert } from "@std/assert";
import { orthonormal } from "./orthonormal.ts";

Deno.test("orthonormal() is Q of the QR decomposition, R's diagonal positive", () => {
  for (const n of [1, 2, 5, 17]) {
    const generator = new Generator(n);
    const a = randn([n, n], { dtype: "float64", generator });
    const q = orthonormal(a);
    assertClose(
      q.t().matmul(q).data(),
      eye(n, n, { dtype: "float64" }).data(),
      { atol: 1e-13 },
    );
    const r = q.t().matmul(a).data() as Float64Array;
    for (let i = 0; i < n; i++) {
      assert(r[i * n + i]! > 0);
      for (let j = 0; j < i; j++) assert(Math.abs(r[i * n + j]!) < 1e-13);
    }
  }
});

Deno.test("orthonormal() completes what depends on each other, in float32 too", () => {
  for (
    const rows of [
      [[0, 0], [0, 0]],
      [[1, 2, 3], [2, 4, 6], [3, 6, 9]],
      [[-2, 0, 0], [0, 0, 0], [0, 0, 5]],
    ]
  ) {
    const q = orthonormal(tensor(rows));
    const n = rows.length;
    assert(q.dtype === "float32");
    assertClose(q.t().matmul(q).data(), eye(n).data(), { atol: 1e-6 });
  }
});
