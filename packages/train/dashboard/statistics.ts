/** Numbers about a model's parameters, for looking at while it trains. */

import type { Tensor } from "@fdunn/tensor";
import { type Distribution, figure, type ParameterStatistics } from "./feed.ts";

/** Bars of a histogram. */
const PARTS = 24;
/** Of a larger tensor only every so manieth number is counted. */
const COUNTED = 20_000;

/** A model whose parameters have names; every `nn.Module` is one. */
export interface Named {
  /** Names and parameters. */
  namedParameters(): Iterable<readonly [string, Tensor]>;
}

/** Weights and gradients of each parameter. */
export function statisticsOf(model: Named): ParameterStatistics[] {
  return Array.from(model.namedParameters(), ([name, parameter]) => ({
    name,
    shape: [...parameter.shape],
    weights: distributionOf(parameter),
    gradient: parameter.grad === null ? null : distributionOf(parameter.grad),
  }));
}

/** How a tensor's numbers are distributed; of large ones a sample. */
export function distributionOf(tensor: Tensor): Distribution {
  const values = tensor.detach().data() as ArrayLike<number>;
  const stride = Math.max(1, Math.floor(values.length / COUNTED));
  let [sum, squares, count, min, max] = [0, 0, 0, Infinity, -Infinity];
  for (let i = 0; i < values.length; i += stride) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    count++;
    sum += value;
    squares += value * value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const counts = new Array<number>(PARTS).fill(0);
  const scale = PARTS / (max - min);
  for (let i = 0; i < values.length && count > 0; i += stride) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    const part = Math.floor((value - min) * scale) || 0;
    counts[Math.min(PARTS - 1, part)]!++;
  }
  const mean = sum / count;
  const variance = Math.max(0, squares / count - mean * mean);
  return {
    mean: figure(mean),
    std: figure(Math.sqrt(variance)),
    norm: figure(Math.sqrt(squares * (values.length / count))),
    min: figure(min),
    max: figure(max),
    counts,
  };
}
