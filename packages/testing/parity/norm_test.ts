import { BatchNorm1d, BatchNorm2d, LayerNorm } from "@fdunn/nn";
import { testLayerCases } from "./layer_cases.ts";

type Arguments<T extends new (...args: never[]) => unknown> =
  ConstructorParameters<T>;

testLayerCases("norm", {
  BatchNorm1d: (...args: Arguments<typeof BatchNorm1d>) =>
    new BatchNorm1d(...args),
  BatchNorm2d: (...args: Arguments<typeof BatchNorm2d>) =>
    new BatchNorm2d(...args),
  LayerNorm: (...args: Arguments<typeof LayerNorm>) => new LayerNorm(...args),
});
