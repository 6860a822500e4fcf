import type { Tensor } from "@fdunn/tensor";
import { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell } from "@fdunn/nn";
import { testLayerCases } from "./layer_cases.ts";

/** An LSTM takes its two states as a pair. */
function withPair(layer: LSTM | LSTMCell, [x, h, c]: Tensor[]): unknown {
  return layer.forward(x!, h && c ? [h, c] : null);
}

testLayerCases("recurrent", {
  RNN: (...args: ConstructorParameters<typeof RNN>) => new RNN(...args),
  RNNCell: (...args: ConstructorParameters<typeof RNNCell>) =>
    new RNNCell(...args),
  LSTM: (...args: ConstructorParameters<typeof LSTM>) => new LSTM(...args),
  LSTMCell: (...args: ConstructorParameters<typeof LSTMCell>) =>
    new LSTMCell(...args),
  GRU: (...args: ConstructorParameters<typeof GRU>) => new GRU(...args),
  GRUCell: (...args: ConstructorParameters<typeof GRUCell>) =>
    new GRUCell(...args),
}, { LSTM: withPair, LSTMCell: withPair });
