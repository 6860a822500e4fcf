import {
  AdaptiveAvgPool2d,
  AvgPool2d,
  Conv1d,
  Conv2d,
  ConvTranspose2d,
  Dropout,
  Identity,
  Linear,
  MaxPool2d,
  ReLU,
  Sequential,
} from "@fdunn/nn";
import { testLayerCases } from "./layer_cases.ts";

testLayerCases("layers", {
  Linear: (...args: ConstructorParameters<typeof Linear>) =>
    new Linear(...args),
  Conv1d: (...args: ConstructorParameters<typeof Conv1d>) =>
    new Conv1d(...args),
  Conv2d: (...args: ConstructorParameters<typeof Conv2d>) =>
    new Conv2d(...args),
  ConvTranspose2d: (...args: ConstructorParameters<typeof ConvTranspose2d>) =>
    new ConvTranspose2d(...args),
  MaxPool2d: (...args: ConstructorParameters<typeof MaxPool2d>) =>
    new MaxPool2d(...args),
  AvgPool2d: (...args: ConstructorParameters<typeof AvgPool2d>) =>
    new AvgPool2d(...args),
  AdaptiveAvgPool2d: (
    ...args: ConstructorParameters<typeof AdaptiveAvgPool2d>
  ) => new AdaptiveAvgPool2d(...args),
  Dropout: (rate: number) => new Dropout(rate),
  Identity: () => new Identity(),
  Sequential: () =>
    new Sequential(new Linear(3, 4), new ReLU(), new Linear(4, 2)),
});
