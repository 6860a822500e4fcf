/** Recurrent layers, a training step each, beside the same made of single ops. */

import {
  linear,
  manualSeed,
  randn,
  setNumThreads,
  stack,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { probeOf } from "../probe.ts";

manualSeed(0);
setNumThreads(1); // as the baselines

const [STEPS, BATCH, HIDDEN] = [19, 32, 128];
const x = randn([STEPS, BATCH, HIDDEN], { requiresGrad: true });
const seed = randn([STEPS, BATCH, HIDDEN]);

/** Times a step; `states` gives all states of a layer. */
function step(
  name: string,
  group: string,
  layer: nn.AnyModule,
  states: () => Tensor,
) {
  Deno.bench(
    `${name}, T ${STEPS}, batch ${BATCH}, hidden ${HIDDEN}`,
    { group, baseline: name.endsWith("of single ops") },
    () => {
      states().backward(seed);
      layer.zeroGrad();
      x.grad = null;
    },
  );
}

/** An RNN's states, an operation after the other. */
function composedRnn(layer: nn.RNN): Tensor {
  const { weightIh, weightHh, biasIh, biasHh } = layer.weightsOf(0);
  let h = zeros([BATCH, HIDDEN]);
  const rows = linear(x, weightIh, biasIh);
  return stack(Array.from({ length: STEPS }, (_, t) => {
    const share = linear(h, weightHh, biasHh);
    return h = rows.select(0, t).add(share).tanh();
  }));
}

/** An LSTM's states, an operation after the other. */
function composedLstm(layer: nn.LSTM): Tensor {
  const { weightIh, weightHh, biasIh, biasHh } = layer.weightsOf(0);
  let [h, c] = [zeros([BATCH, HIDDEN]), zeros([BATCH, HIDDEN])];
  const rows = linear(x, weightIh, biasIh);
  return stack(Array.from({ length: STEPS }, (_, t) => {
    const sums = rows.select(0, t).add(linear(h, weightHh, biasHh)).chunk(4, 1);
    const [i, f, o] = [0, 1, 3].map((gate) => sums[gate]!.sigmoid());
    c = f!.mul(c).add(i!.mul(sums[2]!.tanh()));
    return h = o!.mul(c.tanh());
  }));
}

/** A GRU's states, an operation after the other. */
function composedGru(layer: nn.GRU): Tensor {
  const { weightIh, weightHh, biasIh, biasHh } = layer.weightsOf(0);
  let h = zeros([BATCH, HIDDEN]);
  const rows = linear(x, weightIh, biasIh);
  return stack(Array.from({ length: STEPS }, (_, t) => {
    const own = rows.select(0, t).chunk(3, 1);
    const share = linear(h, weightHh, biasHh).chunk(3, 1);
    const [r, z] = [0, 1].map((i) => own[i]!.add(share[i]!).sigmoid());
    const n = own[2]!.add(r!.mul(share[2]!)).tanh();
    return h = n.add(z!.mul(h.sub(n)));
  }));
}

/** Multiply-adds of a step in registers, for so many gates. */
function probe(group: string, gates: number) {
  // The inputs there; the weights' gradients and the states there and back,
  // but for the first state, zeros; and the inputs' gradient.
  const products = 3 * STEPS + 3 * (STEPS - 1);
  const flops = 2 * products * BATCH * gates * HIDDEN ** 2;
  const name = `the probe, ${gates} gates`;
  Deno.bench(name, { group, baseline: true }, probeOf(flops));
}

probe("RNN", 1);
probe("LSTM", 4);
probe("GRU", 3);
const rnn = new nn.RNN(HIDDEN, HIDDEN);
step("RNN", "RNN", rnn, () => rnn.forward(x)[0]);
step("RNN of single ops", "RNN", rnn, () => composedRnn(rnn));
const lstm = new nn.LSTM(HIDDEN, HIDDEN);
step("LSTM", "LSTM", lstm, () => lstm.forward(x)[0]);
step("LSTM of single ops", "LSTM", lstm, () => composedLstm(lstm));
const gru = new nn.GRU(HIDDEN, HIDDEN);
step("GRU", "GRU", gru, () => gru.forward(x)[0]);
step("GRU of single ops", "GRU", gru, () => composedGru(gru));
