import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  enableGrad,
  grad,
  memoryStats,
  noGrad,
  ones,
  scope,
  type Tensor,
  tensor,
} from "./mod.ts";
import { wrap } from "./op.ts";
import {
  allocate,
  apply,
  applyMany,
  contiguous,
  floatKernels,
  intKernels,
  numericKernels,
  type Op,
  pointer,
  writable,
} from "./custom_op.ts";

/** `factor x`, and how often it was computed. */
const SCALE: Op<number> = {
  name: "scaleBy",
  saves: "none",
  forward: (factor, x) => {
    const source = contiguous(x);
    const out = allocate(x.shape, x.dtype);
    const { scale } = floatKernels("scaleBy", x.dtype);
    scale(x.size, factor, pointer(source), writable(out));
    return out;
  },
  backward: (node, grad) => [grad.mul(node.params)],
};

/** A copy, the positions of signs, and the square: three results, one whole. */
const THREE: Op = {
  name: "three",
  saves: [0],
  forward: (_, x) => {
    const [copy, whole, square] = [
      allocate(x.shape, x.dtype),
      allocate(x.shape, "int32"),
      allocate(x.shape, x.dtype),
    ];
    const k = floatKernels("three", x.dtype);
    const from = pointer(x);
    k.scale(x.size, 1, from, writable(copy));
    k.square(x.size, from, writable(square));
    const to = writable(whole);
    intKernels().square(x.size, from, to);
    return [copy, whole, square];
  },
  backward: (node, first, _whole, third) => {
    const missing = (g: Tensor | null) => g as Tensor | null;
    const x = node.input(0);
    const parts = [
      missing(first),
      missing(third) === null ? null : third.mul(x).mul(2),
    ].filter((part) => part !== null);
    return [parts.reduce((a, b) => a.add(b))];
  },
};

Deno.test("an op of one's own computes, records and has gradients", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = apply(SCALE, [x], 3);
  assertEquals(y.toArray(), [3, 6]);
  assertEquals([y.gradFn, y.isLeaf, y.requiresGrad], ["scaleBy", false, true]);
  y.sum().backward();
  assertEquals(x.grad!.toArray(), [3, 3]);
  const turned = tensor([[1, 2], [3, 4]]).t();
  assertEquals(apply(SCALE, [turned], 2).toArray(), [[2, 6], [4, 8]]);
});

Deno.test("nothing is recorded without need", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  assertEquals(apply(SCALE, [x.detach()], 3).gradFn, null);
  assertEquals(noGrad(() => apply(SCALE, [x], 3)).requiresGrad, false);
  const constant: Op = {
    ...SCALE as unknown as Op,
    name: "constant",
    backward: null,
  };
  assertEquals(
    apply(constant as unknown as Op<number>, [x], 3).requiresGrad,
    false,
  );
});

Deno.test("several results: floats get gradients, a null where none flows back", () => {
  for (const used of [[0], [2], [0, 2]]) {
    const x = tensor([1, -3], { requiresGrad: true });
    const outs = applyMany(THREE, [x], undefined);
    assertEquals(outs.map((out) => out.requiresGrad), [true, false, true]);
    assertEquals(outs.map((out) => out.dtype), ["float32", "int32", "float32"]);
    used.map((i) => outs[i]!.sum()).reduce((a, b) => a.add(b)).backward();
    const expected = [1, -3].map((v) =>
      (used.includes(0) ? 1 : 0) + (used.includes(2) ? 2 * v : 0)
    );
    assertEquals(x.grad!.toArray(), expected);
  }
});

Deno.test("needs() says which gradients the pass uses", () => {
  const seen: boolean[][] = [];
  const op: Op = {
    name: "second",
    saves: "none",
    forward: (_, a, b) => {
      const out = allocate(b!.shape, b!.dtype);
      floatKernels("second", a.dtype).scale(
        out.size,
        1,
        pointer(b!),
        writable(out),
      );
      return out;
    },
    backward: (node, grad) => {
      seen.push([node.needs(0), node.needs(1)]);
      return [null, grad];
    },
  };
  const [a, b] = [ones([2]), ones([2], { requiresGrad: true })];
  apply(op, [a, b], undefined).sum().backward();
  apply(op, [b, a], undefined).sum().backward();
  apply(op, [b.mul(2), b], undefined).sum().backward();
  assertEquals(seen, [[false, true], [true, false], [true, true]]);
});

Deno.test("temporaries of a forward are freed, also when it throws", () => {
  const untidy: Op<boolean> = {
    name: "untidy",
    saves: "none",
    forward: (fails, x) => {
      allocate([1000], "float32");
      const out = allocate(x.shape, x.dtype);
      allocate([1000], "float64");
      if (fails) throw new RangeError("untidy() failed");
      floatKernels("untidy", x.dtype).neg(x.size, pointer(x), writable(out));
      return out;
    },
    backward: null,
  };
  const x = ones([10]);
  apply(untidy, [x], false).dispose();
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 10; i++) {
    const y = apply(untidy, [x], false);
    assertEquals(y.data()[3], -1);
    y.dispose();
    assertThrows(() => apply(untidy, [x], true), RangeError, "untidy() failed");
  }
  assert(memoryStats().liveBytes <= before, "nothing is left behind");
});

Deno.test("an input that was disposed of is refused by name", () => {
  const x = tensor([1, 2]);
  x.dispose();
  assertThrows(
    () => apply(SCALE, [x], 2),
    Error,
    "Tensor [2] from tensor() was disposed of before it was used in scaleBy()",
  );
});

Deno.test("what backward reads must not change before it runs", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(1);
  const z = y.square();
  noGrad(() => y.add_(1));
  assertThrows(
    () => z.sum().backward(),
    Error,
    "one of the variables needed for gradient computation has been modified by an inplace operation: Tensor [2] from mul()",
  );
  const w = x.exp();
  noGrad(() => w.zero_());
  assertThrows(
    () => w.sum().backward(),
    Error,
    "modified by an inplace operation: Tensor [2] from exp()",
  );
  assertEquals(x.grad, null);
});

Deno.test("kernels are chosen by dtype and refused with a sentence", () => {
  assertStrictEquals(numericKernels("f", "int32"), intKernels());
  assertStrictEquals(
    numericKernels("f", "float64"),
    floatKernels("f", "float64"),
  );
  assertThrows(
    () => floatKernels("f", "int32"),
    TypeError,
    'f() expects float32 or float64, got int32: convert it first, as in x.to("float32")',
  );
  assertThrows(
    () => numericKernels("f", "bool"),
    TypeError,
    "f() expects float32, float64 or int32, got bool",
  );
});

/** Runs whole ops in its forward, and hands on the array of the last. */
const NESTED: Op = {
  name: "nested",
  saves: "none",
  forward: (_, x) => wrap(x).mul(2).add(1).array,
  backward: (_, grad) => [grad.mul(2)],
};

/** Recomputes in its backward what it did not save, as checkpoints do. */
const RECOMPUTED: Op = {
  name: "recomputed",
  saves: "inputs",
  forward: (_, x) => noGrad(() => wrap(x).mul(3).array),
  backward: (node, by) => {
    const x = node.input(0).detach().requiresGrad_();
    const [dx] = grad(enableGrad(() => x.square().mul(1.5).sum()), [x]);
    return [dx!.mul(by)];
  },
};

Deno.test("ops inside an op's forward and backward own each storage once", () => {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  for (let i = 0; i < 40; i++) {
    const loss = scope(() => {
      x.grad = null;
      const y = apply(NESTED, [x], undefined);
      const z = apply(RECOMPUTED, [y], undefined);
      const loss = z.sum();
      loss.backward();
      return loss;
    });
    assertEquals(loss.item(), 3 * (3 + 5 + 7));
    assertEquals(x.grad!.toArray(), [18, 30, 42]);
  }
});
