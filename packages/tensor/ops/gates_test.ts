import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  type DType,
  gru,
  gruCell,
  linear,
  lstm,
  lstmCell,
  ones,
  type RnnWeights,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers, onThreads } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

type All = { [K in keyof Required<RnnWeights>]: Tensor };
type State = readonly [Tensor, Tensor] | null;

function leaf(shape: number[], seed: number, dtype: DType = "float32"): Tensor {
  const values = numbers(count(shape), seed, -1, 1);
  return tensor(values, { shape, dtype, requiresGrad: true });
}

function weightsOf(
  gates: number,
  inputs: number,
  hidden: number,
  dtype?: DType,
): All {
  const rows = gates * hidden;
  const small = leaf([rows, hidden], 2, dtype).mul(1 / Math.sqrt(hidden));
  return {
    weightIh: leaf([rows, inputs], 1, dtype),
    weightHh: small.detach().requiresGrad_(),
    biasIh: leaf([rows], 3, dtype),
    biasHh: leaf([rows], 4, dtype),
  };
}

/** The same, an operation after the other. */
function lstmOf(x: Tensor, [h, c]: [Tensor, Tensor], w: All): Tensor[] {
  const states = Array.from({ length: x.shape[0]! }, (_, t) => {
    const sums = linear(x.select(0, t), w.weightIh, w.biasIh)
      .add(linear(h, w.weightHh, w.biasHh)).chunk(4, 1);
    const [i, f, o] = [0, 1, 3].map((gate) => sums[gate]!.sigmoid());
    c = f!.mul(c).add(i!.mul(sums[2]!.tanh()));
    return h = o!.mul(c.tanh());
  });
  return [stack(states, 0), h, c];
}

/** The same, an operation after the other. */
function gruOf(x: Tensor, [h]: [Tensor, Tensor], w: All): Tensor[] {
  const states = Array.from({ length: x.shape[0]! }, (_, t) => {
    const own = linear(x.select(0, t), w.weightIh, w.biasIh).chunk(3, 1);
    const share = linear(h, w.weightHh, w.biasHh).chunk(3, 1);
    const [r, z] = [0, 1].map((i) => own[i]!.add(share[i]!).sigmoid());
    const n = own[2]!.add(r!.mul(share[2]!)).tanh();
    return h = z!.neg().add(1).mul(n).add(z!.mul(h));
  });
  return [stack(states, 0), h];
}

const LAYERS = {
  lstm: {
    gates: 4,
    run: (x: Tensor, state: State, w: RnnWeights) => lstm(x, state, w),
    slow: lstmOf,
  },
  gru: {
    gates: 3,
    run: (x: Tensor, state: State, w: RnnWeights) =>
      gru(x, state && state[0], w),
    slow: gruOf,
  },
};

for (const [name, { gates, run, slow }] of Object.entries(LAYERS)) {
  Deno.test(`${name}() and its gradients are those of its steps`, () => {
    for (const dtype of ["float32", "float64"] as DType[]) {
      for (
        const [steps, batch, inputs, hidden] of [
          [3, 2, 4, 5],
          [1, 3, 2, 2],
          [19, 32, 1, 128],
          [2, 1, 7, 16],
        ] as const
      ) {
        for (const fresh of [true, false]) {
          const x = leaf([steps, batch, inputs], 5, dtype);
          const weights = weightsOf(gates, inputs, hidden, dtype);
          const start = [6, 7].map((seed) =>
            fresh
              ? zeros([batch, hidden], { dtype })
              : leaf([batch, hidden], seed, dtype)
          ) as [Tensor, Tensor];
          const got = run(x, fresh ? null : start, weights);
          const expected = slow(x, start, weights);
          const what = `${dtype} ${[steps, batch, inputs, hidden]} ${fresh}`;
          const tolerance = dtype === "float32" ? 2e-5 : 1e-12;
          const near = (a: number[], b: number[]) => {
            const scale = Math.max(...b.map(Math.abs), 1);
            assertClose(a, b, { rtol: 0, atol: tolerance * scale, what });
          };
          assertEquals(got.length, expected.length);
          got.forEach((y, i) => near(floats(y), floats(expected[i]!)));
          const first = fresh ? [] : start.slice(0, got.length - 1);
          const leaves = [x, ...Object.values(weights), ...first];
          const grads = [got, expected].map((outs) => {
            outs.map((out, i) =>
              out.mul(
                tensor(numbers(out.size, 8 + i), { shape: out.shape, dtype }),
              ).sum()
            ).reduce((a, b) => a.add(b)).backward();
            return leaves.map((leaf) => {
              const gradient = floats(leaf.grad!);
              leaf.grad = null;
              return gradient;
            });
          });
          grads[0]!.forEach((gradient, i) => near(gradient, grads[1]![i]!));
        }
      }
    }
  });

  Deno.test(`${name}() gives only the gradients that are asked for`, () => {
    const x = leaf([5, 2, 3], 8);
    const make = () => {
      const states = [leaf([2, 4], 9), leaf([2, 4], 10)] as const;
      const w = weightsOf(gates, 3, 4);
      return { w, states, all: [...Object.values(w), ...states] };
    };
    const whole = make();
    const sum = (outs: Tensor[]) =>
      outs.map((out) => out.sum()).reduce((a, b) => a.add(b));
    sum(run(x, whole.states, whole.w)).backward();
    const used = name === "lstm" ? 6 : 5;
    for (let only = 0; only < used; only++) {
      const { w, states, all } = make();
      all.forEach((leaf, i) => leaf.requiresGrad_(i === only));
      sum(run(x.detach(), states, w)).backward();
      all.forEach((leaf, i) => assertEquals(leaf.grad !== null, i === only));
      assertEquals(floats(all[only]!.grad!), floats(whole.all[only]!.grad!));
    }
  });

  Deno.test(`${name}() reads every layout and takes empty batches`, () => {
    const weights = weightsOf(gates, 4, 2);
    const plain = numbers(24);
    const [expected] = run(tensor(plain, { shape: [2, 3, 4] }), null, weights);
    for (const [how, x] of layouts(plain, [2, 3, 4])) {
      assertEquals(floats(run(x, null, weights)[0]!), floats(expected!), how);
    }
    const x = zeros([3, 0, 4], { requiresGrad: true });
    const [y] = run(x, null, weights);
    assertEquals(y!.shape, [3, 0, 2]);
    y!.sum().backward();
    assertEquals(floats(weights.biasHh.grad!), new Array(gates * 2).fill(0));
    assertEquals(floats(weights.weightHh.grad!), new Array(gates * 4).fill(0));
  });

  Deno.test(`${name}() gives the same bits for any number of threads`, async () => {
    const [one, two, three] = await onThreads(() => {
      const weights = weightsOf(gates, 64, 64);
      const [y] = run(leaf([9, 48, 64], 3), null, weights);
      y!.square().sum().backward();
      return [y!, weights.weightIh.grad!, weights.weightHh.grad!].map(floats);
    });
    assertEquals(two, one);
    assertEquals(three, one);
  });

  Deno.test(`${name}() refuses a state that was changed before backward`, () => {
    const [y] = run(leaf([2, 1, 1], 1), null, weightsOf(gates, 1, 2));
    y!.detach().fill_(0);
    assertThrows(() => y!.sum().backward(), Error, "modified by an inplace");
  });

  Deno.test(`${name}() refuses with a sentence`, () => {
    const weights = weightsOf(gates, 3, 4);
    const rows = gates * 4;
    assertThrows(
      () => run(ones([2, 3]), null, weights),
      RangeError,
      `${name}() got input [2, 3], expected [T, N, inputs] with T at least 1`,
    );
    assertThrows(() => run(ones([0, 2, 3]), null, weights), RangeError);
    assertThrows(
      () => run(ones([1, 2, 2]), null, weights),
      RangeError,
      `${name}() got input [1, 2, 2] and weightIh [${rows}, 3], expected [${rows}, 2]`,
    );
    assertThrows(
      () => run(ones([1, 2, 3]), [ones([1, 4]), ones([2, 4])], weights),
      RangeError,
      `${name}() got input [1, 2, 3] and state [1, 4], expected [2, 4]`,
    );
    assertThrows(
      () => run(ones([1, 2, 3]), null, { ...weights, biasHh: null }),
      RangeError,
      "both or none",
    );
    assertThrows(
      () => run(ones([1, 2, 3], { dtype: "float64" }), null, weights),
      TypeError,
      "float64",
    );
  });
}

Deno.test("lstmCell() and gruCell() are a step", () => {
  const [x, h, c] = [leaf([2, 3], 5), leaf([2, 4], 6), leaf([2, 4], 7)];
  const four = weightsOf(4, 3, 4);
  const [y, last] = lstmCell(x, [h, c], four);
  const [states, , cell] = lstm(x.unsqueeze(0), [h, c], four);
  assertEquals(floats(y), floats(states));
  assertEquals(floats(last), floats(cell));
  assertEquals([y.shape, last.shape], [[2, 4], [2, 4]]);
  const three = weightsOf(3, 3, 4);
  const next = gruCell(x, h, three);
  assertEquals(floats(next), floats(gru(x.unsqueeze(0), h, three)[0]));
  assertEquals(
    floats(gruCell(x, null, three)),
    floats(gruCell(x, zeros([2, 4]), three)),
  );
  assertThrows(
    () => gruCell(ones([1, 2, 3]), null, three),
    RangeError,
    "gruCell() got input [1, 2, 3], expected [N, inputs]",
  );
  assertThrows(
    () => lstmCell(ones([2, 3]), [ones([2, 4]), ones([3, 4])], four),
    RangeError,
    "lstmCell() got input [2, 3] and cell [3, 4], expected [2, 4]",
  );
});

Deno.test("lstm() leaves its last cell to the user", () => {
  const [y, , cell] = lstm(leaf([2, 1, 1], 1), null, weightsOf(4, 1, 2));
  cell.detach().fill_(7); // a copy: backward has its own
  y.sum().backward();
  assert(y.requiresGrad && cell.requiresGrad);
});

testGradients("gates");
