import { RNN, RNNCell } from "@fdunn/nn";
import { testLayerCases } from "./layer_cases.ts";

testLayerCases("recurrent", {
  RNN: (...args: ConstructorParameters<typeof RNN>) => new RNN(...args),
  RNNCell: (...args: ConstructorParameters<typeof RNNCell>) =>
    new RNNCell(...args),
});
