import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  type DType,
  linear,
  ones,
  rnn,
  rnnCell,
  type RnnWeights,
  stack,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers, onThreads } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const NONLINEARITIES = ["tanh", "relu"] as const;

function leaf(shape: number[], seed: number, dtype: DType = "float32"): Tensor {
  const values = numbers(count(shape), seed, -1, 1);
  return tensor(values, { shape, dtype, requiresGrad: true });
}

function weightsOf(inputs: number, hidden: number, dtype?: DType) {
  return {
    weightIh: leaf([hidden, inputs], 1, dtype),
    weightHh: leaf([hidden, hidden], 2, dtype).mul(1 / hidden).detach()
      .requiresGrad_(),
    biasIh: leaf([hidden], 3, dtype),
    biasHh: leaf([hidden], 4, dtype),
  };
}

/** The same, an operation after the other. */
function composed(
  x: Tensor,
  h: Tensor,
  w: Required<RnnWeights>,
  f: "tanh" | "relu",
): Tensor {
  const states = Array.from({ length: x.shape[0]! }, (_, t) => {
    const from = linear(x.select(0, t), w.weightIh, w.biasIh);
    return h = from.add(linear(h, w.weightHh, w.biasHh))[f]();
  });
  return stack(states, 0);
}

Deno.test("rnn() and its gradients are those of its steps", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    for (
      const [steps, batch, inputs, hidden] of [
        [3, 2, 4, 5],
        [1, 3, 2, 2],
        [19, 32, 1, 128],
        [2, 1, 7, 16],
      ] as const
    ) {
      for (const f of NONLINEARITIES) {
        for (const from of ["zeros", "a state"]) {
          const x = leaf([steps, batch, inputs], 5, dtype);
          const h0 = from === "zeros" ? null : leaf([batch, hidden], 6, dtype);
          const weights = weightsOf(inputs, hidden, dtype);
          const start = h0 ?? zeros([batch, hidden], { dtype });
          const [y] = rnn(x, h0, weights, { nonlinearity: f });
          const expected = composed(x, start, weights, f);
          const what = `${dtype} ${f} ${[
            steps,
            batch,
            inputs,
            hidden,
          ]} ${from}`;
          const tolerance = dtype === "float32" ? 2e-5 : 1e-12;
          assertClose(floats(y), floats(expected), {
            rtol: tolerance,
            atol: tolerance,
            what,
          });
          const g = tensor(numbers(y.size, 7), { shape: y.shape, dtype });
          const leaves = [x, ...Object.values(weights), ...h0 ? [h0] : []];
          const grads = [y, expected].map((out) => {
            out.backward(g);
            return leaves.map((leaf) => {
              const gradient = floats(leaf.grad!);
              leaf.grad = null;
              return gradient;
            });
          });
          grads[0]!.forEach((gradient, i) => {
            const scale = Math.max(...grads[1]![i]!.map(Math.abs), 1);
            const atol = tolerance * scale;
            assertClose(gradient, grads[1]![i]!, { rtol: 0, atol, what });
          });
        }
      }
    }
  }
});

Deno.test("rnn() gives only the gradients that are asked for", () => {
  const weights = weightsOf(3, 4);
  const x = leaf([5, 2, 3], 8);
  rnn(x, null, weights)[0].sum().backward();
  const all = Object.values(weights).map((w) => floats(w.grad!));
  for (let only = 0; only < 4; only++) {
    const fresh = Object.values(weightsOf(3, 4));
    fresh.forEach((w, i) => w.requiresGrad_(i === only));
    const [weightIh, weightHh, biasIh, biasHh] = fresh as [
      ...[Tensor, Tensor, Tensor, Tensor],
    ];
    const own = { weightIh, weightHh, biasIh, biasHh };
    rnn(x.detach(), null, own)[0].sum().backward();
    fresh.forEach((w, i) => assertEquals(w.grad !== null, i === only));
    assertEquals(floats(fresh[only]!.grad!), all[only]);
  }
});

Deno.test("rnn() takes gradients of all states, of the last one, and of both", () => {
  for (const [batch, hidden] of [[2, 3], [25, 16]] as const) {
    const gradients = (pick: (states: Tensor, last: Tensor) => Tensor) => {
      const weights = weightsOf(3, hidden);
      const x = leaf([4, batch, 3], 8);
      const h0 = leaf([batch, hidden], 9);
      const [states, last] = rnn(x, h0, weights);
      assertEquals(floats(last), floats(states.select(0, -1)));
      pick(states, last).sum().backward();
      return [x, h0, ...Object.values(weights)].map((t) => floats(t.grad!));
    };
    const own = gradients((_, last) => last.square());
    const same = gradients((states) => states.select(0, -1).square());
    assertEquals(own, same);
    const both = gradients((states, last) =>
      states.square().sum().add(last.square().sum())
    );
    const twice = gradients((states) =>
      states.square().sum().add(states.select(0, -1).square().sum())
    );
    both.forEach((g, i) =>
      assertClose(g, twice[i]!, { rtol: 1e-5, atol: 1e-5 })
    );
  }
});

Deno.test("rnnCell() is a step of rnn()", () => {
  const weights = weightsOf(3, 4);
  const [x, h] = [leaf([2, 3], 5), leaf([2, 4], 6)];
  const y = rnnCell(x, h, weights);
  assertEquals(floats(y), floats(rnn(x.unsqueeze(0), h, weights)[1]));
  const fresh = rnnCell(x, null, weights);
  assertEquals(floats(fresh), floats(rnnCell(x, zeros([2, 4]), weights)));
});

Deno.test("rnn() reads every layout and takes empty batches", () => {
  const weights = weightsOf(4, 2);
  const plain = numbers(24);
  const expected = floats(
    rnn(tensor(plain, { shape: [2, 3, 4] }), null, weights)[0],
  );
  for (const [how, x] of layouts(plain, [2, 3, 4])) {
    assertEquals(floats(rnn(x, null, weights)[0]), expected, how);
  }
  const x = zeros([3, 0, 4], { requiresGrad: true });
  const [y, last] = rnn(x, null, weights);
  assertEquals(y.shape, [3, 0, 2]);
  assertEquals(last.shape, [0, 2]);
  y.sum().backward();
  assertEquals(floats(weights.biasIh.grad!), [0, 0]);
  assertEquals(floats(weights.weightHh.grad!), [0, 0, 0, 0]);
});

Deno.test("rnn() gives the same bits for any number of threads", async () => {
  const [one, two, three] = await onThreads(() => {
    const weights = weightsOf(64, 128);
    const [y] = rnn(leaf([9, 48, 64], 3), null, weights);
    y.square().sum().backward();
    return [y, weights.weightIh.grad!, weights.weightHh.grad!].map(floats);
  });
  assertEquals(two, one);
  assertEquals(three, one);
});

Deno.test("rnn() refuses a state that was changed before backward", () => {
  const [y] = rnn(leaf([2, 1, 1], 1), null, weightsOf(1, 2));
  y.detach().fill_(0);
  assertThrows(() => y.sum().backward(), Error, "modified by an inplace");
  assert(y.requiresGrad);
});

Deno.test("rnn() refuses with a sentence", () => {
  const weights = weightsOf(3, 4);
  assertThrows(
    () => rnn(ones([2, 3]), null, weights),
    RangeError,
    "rnn() got input [2, 3], expected [T, N, inputs] with T at least 1",
  );
  assertThrows(() => rnn(ones([0, 2, 3]), null, weights), RangeError);
  assertThrows(
    () => rnn(ones([1, 2, 2]), null, weights),
    RangeError,
    "rnn() got input [1, 2, 2] and weightIh [4, 3], expected [4, 2]",
  );
  assertThrows(
    () => rnnCell(ones([2, 3]), ones([1, 4]), weights),
    RangeError,
    "rnnCell() got input [2, 3] and state [1, 4], expected [2, 4]",
  );
  assertThrows(
    () => rnnCell(ones([1, 2, 3]), null, weights),
    RangeError,
    "rnnCell() got input [1, 2, 3], expected [N, inputs]",
  );
  assertThrows(
    () => rnnCell(ones([2, 3]), null, { ...weights, biasHh: null }),
    RangeError,
    "both or none",
  );
  assertThrows(
    () => rnnCell(ones([2, 3], { dtype: "float64" }), null, weights),
    TypeError,
    "float64",
  );
});

testGradients("recurrent");
