import { assertEquals } from "@std/assert";
import { type PartArguments, runtime } from "@fdunn/wasm-kernels";
import { crossEntropy, maxPool2d, type Tensor, tensor } from "./mod.ts";
import { conv2d } from "./ops/conv.ts";
import { linear } from "./ops/linear.ts";
import { Generator, randn } from "./random.ts";
import { numbers, sameBits, wholes } from "./samples_test.ts";
import type { Shape } from "./shape.ts";

/**
 * Runs `f` with every call cut into as many parts as there are threads, however
 * small it is, and tells the most parts that a call of each kernel had.
 */
async function inParts(f: () => Promise<void>): Promise<Map<string, number>> {
  const most = new Map<string, number>();
  runtime.isForThreads = () => runtime.threads > 1;
  runtime.parallel = (kernel, n, grain, _flops, part) => {
    const begins = new Set<number>();
    const noted: PartArguments = (from, to, scratch) => {
      begins.add(from);
      return part(from, to, scratch);
    };
    const { parallel } = Object.getPrototypeOf(runtime);
    parallel.call(runtime, kernel, n, grain, Infinity, noted);
    most.set(kernel, Math.max(most.get(kernel) ?? 0, begins.size));
  };
  try {
    await f();
  } finally {
    delete (runtime as Partial<typeof runtime>).isForThreads;
    delete (runtime as Partial<typeof runtime>).parallel;
  }
  return most;
}

function leaf(shape: Shape, seed: number): Tensor {
  const generator = new Generator(seed);
  return randn(shape, { generator }).mul(0.3).requiresGrad_();
}

const NETS: readonly [
  batch: number,
  channels: readonly [number, number, number],
  size: readonly [number, number],
  hidden: number,
][] = [
  [1, [1, 4, 8], [28, 28], 100],
  [2, [1, 4, 8], [17, 31], 49],
  [3, [3, 5, 7], [13, 22], 53],
  [17, [1, 4, 8], [28, 28], 100],
  [17, [2, 6, 9], [11, 10], 51],
];

for (const [batch, [c, d, e], [h, w], hidden] of NETS) {
  Deno.test(`a small net's step, batch ${batch} of ${c}x${h}x${w}, is the same bits in any parts`, async () => {
    const x = leaf([batch, c, h, w], 1);
    const features = e * (h >> 2) * (w >> 2);
    const weights = [
      leaf([d, c, 3, 3], 2),
      leaf([d], 3),
      leaf([e, d, 3, 3], 4),
      leaf([e], 5),
      leaf([hidden, features], 6),
      leaf([hidden], 7),
      leaf([10, hidden], 8),
    ] as const;
    const [w1, b1, w2, b2, w3, b3, w4] = weights;
    const labels = tensor(wholes(batch, 3, 0, 10), { dtype: "int32" });
    const step = () => {
      for (const tensor of [x, ...weights]) tensor.grad = null;
      const one = maxPool2d(conv2d(x, w1, b1, { padding: 1 }).relu(), 2);
      const two = maxPool2d(conv2d(one, w2, b2, { padding: 1 }).sigmoid(), 2);
      const three = linear(two.flatten(1), w3, b3).tanh();
      const loss = crossEntropy(linear(three, w4), labels);
      loss.backward();
      const grads = [x, ...weights].map((tensor) => tensor.grad!);
      return [one, two, three, loss, ...grads];
    };
    const most = await inParts(() => sameBits(step));
    assertEquals(most.get("conv2d"), Math.min(4, batch));
    assertEquals(most.get("max_pool2d"), Math.min(4, batch * Math.max(d, e)));
    assertEquals(most.get("linear"), hidden >= 96 ? 4 : 2);
    if (c === 1) assertEquals(most.get("conv2d_sparse_grad_weight"), 4);
  });
}

const SIZES = [8192, 8195, 50_001];

for (const n of SIZES) {
  Deno.test(`elementwise work on ${n} elements is the same bits in any parts`, async () => {
    const values = tensor(numbers(n, 1), { requiresGrad: true });
    const other = tensor(numbers(n, 2, 0.5, 2));
    const most = await inParts(() =>
      sameBits(() => {
        values.grad = null;
        const ys = [
          values.relu(),
          values.sigmoid(),
          values.tanh(),
          values.exp(),
          values.sin(),
          values.mul(other),
          other.pow(values.detach()),
        ];
        ys.reduce((sum, y) => sum.add(y)).backward(other);
        return [...ys, values.grad!];
      })
    );
    for (const kernel of ["sigmoid", "sin", "mul", "pow", "tanh_backward"]) {
      assertEquals(most.get(kernel), Math.min(4, n >> 12), kernel);
    }
  });
}

const PRODUCTS: readonly [m: number, n: number, k: number][] = [
  [1, 300, 1100], // a row by a matrix of more than the second cache, and by parts of less
  [2, 97, 64],
  [3, 49, 1000],
  [16, 100, 392],
  [17, 200, 33],
  [50, 3, 40],
  [101, 24, 7],
];

for (const [m, n, k] of PRODUCTS) {
  Deno.test(`a product of ${m}x${k} by ${k}x${n} is the same bits in any parts`, async () => {
    const [x, w, b] = [leaf([m, k], 1), leaf([n, k], 2), leaf([n], 3)];
    const [straight, g] = [leaf([k, n], 4).detach(), leaf([m, n], 5).detach()];
    await inParts(() =>
      sameBits(() => {
        x.grad = w.grad = b.grad = null;
        const y = linear(x, w, b);
        y.backward(g);
        const plain = x.detach().matmul(straight);
        const turned = straight.t().matmul(x.detach().t());
        return [y, plain, turned, x.grad!, w.grad!, b.grad!];
      })
    );
  });
}
