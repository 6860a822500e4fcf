import {
  gru,
  gruCell,
  lstm,
  lstmCell,
  rnn,
  rnnCell,
  type RnnOptions,
  type RnnWeights,
  type Tensor,
} from "@fdunn/tensor";
import { type RunOp, testOpCases } from "./op_cases.ts";

/** Splits the inputs into x, so many states or none, and the weights. */
function split(
  [x, ...rest]: Tensor[],
  kinds: number,
  { fresh }: Record<string, unknown>,
): [Tensor, Tensor[] | null, RnnWeights] {
  const states = fresh === true ? null : rest.splice(0, kinds);
  const [weightIh, weightHh, biasIh = null, biasHh = null] = rest;
  const weights = { weightIh: weightIh!, weightHh: weightHh!, biasIh, biasHh };
  return [x!, states, weights];
}

/** Runs a form of the LSTM, which takes a pair of states. */
function pair(f: typeof lstm | typeof lstmCell): RunOp {
  return (inputs, options) => {
    const [x, states, weights] = split(inputs, 2, options);
    return f(x, states && [states[0]!, states[1]!], weights);
  };
}

/** Runs a form of the GRU. */
function single(f: typeof gru | typeof gruCell): RunOp {
  return (inputs, options) => {
    const [x, states, weights] = split(inputs, 1, options);
    return f(x, states && states[0]!, weights);
  };
}

/** Runs a form of the vanilla layer. */
function plain(f: typeof rnn | typeof rnnCell): RunOp {
  return (inputs, options) => {
    const [x, states, weights] = split(inputs, 1, options);
    return f(x, states && states[0]!, weights, options as RnnOptions);
  };
}

testOpCases("gates", {
  rnn: plain(rnn),
  rnnCell: plain(rnnCell),
  lstm: pair(lstm),
  lstmCell: pair(lstmCell),
  gru: single(gru),
  gruCell: single(gruCell),
});
