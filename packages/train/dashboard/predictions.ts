/** What a model says of some samples, for looking at while it trains. */

import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import { dataUri, encodePng } from "../charts/png.ts";
import { loadRandomState, randomState } from "../checkpoints/random_state.ts";
import { modesOf } from "../training_modes.ts";
import { figure, type Prediction } from "./feed.ts";

/** A classifier; every `nn.Module` whose outputs are `[N, C]` is one. */
export interface Classifier {
  /** Whether it is in training mode. */
  readonly training: boolean;
  /** The logits for a batch. */
  forward(input: Tensor): Tensor;
  /** Switches to training mode, or with `false` out of it. */
  train(mode?: boolean): unknown;
}

/** Samples to predict. */
export interface Samples {
  /** A batch; `[N, C, H, W]` with 1 or 3 channels is shown as pictures. */
  inputs: Tensor;
  /** Their classes `[N]`, int32, where they are known. */
  targets?: Tensor;
  /** The classes' names. Default: their numbers. */
  classes?: readonly string[];
}

/** Numbers of a sample that is no picture are shown up to this many. */
const SHOWN = 6;

/**
 * What the model, in evaluation mode, thinks of the samples; none where its
 * outputs are no classes.
 */
export function predictionsOf(
  model: Classifier,
  { inputs, targets, classes }: Samples,
): Prediction[] {
  const putBack = modesOf(model);
  const random = randomState(); // some models draw when they evaluate, too
  model.train(false);
  try {
    const found = noGrad(() =>
      scope(() => {
        const output = model.forward(inputs);
        if (output.ndim !== 2) return null;
        return output.softmax(1).toArray() as number[][];
      })
    );
    if (found === null) return [];
    const expected = targets?.toArray() as number[] | undefined;
    const name = (index: number) => classes?.[index] ?? String(index);
    return found.map((row, i) => {
      const likeliest = row.indexOf(Math.max(...row));
      const target = expected?.[i];
      return {
        ...shown(inputs.select(0, i)),
        target: target === undefined ? null : name(target),
        predicted: name(Math.max(0, likeliest)),
        probability: figure(row[likeliest] ?? NaN),
      };
    });
  } finally {
    putBack();
    loadRandomState(random);
  }
}

/** A sample as a picture, or in words. */
function shown(sample: Tensor): Pick<Prediction, "picture" | "text"> {
  const [channels, height, width] = sample.shape;
  if (sample.ndim === 3 && (channels === 1 || channels === 3)) {
    const levels = sample.permute([1, 2, 0]).contiguous().data() as ArrayLike<
      number
    >;
    // Whatever the pixels were scaled to: from the darkest to the lightest.
    let [low, high] = [Infinity, -Infinity];
    for (let i = 0; i < levels.length; i++) {
      low = Math.min(low, levels[i]!);
      high = Math.max(high, levels[i]!);
    }
    const scale = 255 / (high - low || 1);
    const pixels = Uint8Array.from(
      levels,
      (v) => Math.round((v - low) * scale),
    );
    const size = { width: width!, height: height!, channels } as const;
    return {
      picture: dataUri("image/png", encodePng(pixels, size)),
      text: `${width} x ${height}`,
    };
  }
  const values = sample.flatten().data() as ArrayLike<number>;
  const numbers = Array.from(
    { length: Math.min(SHOWN, values.length) },
    (_, i) => Number(values[i]!.toPrecision(3)),
  );
  const rest = values.length > SHOWN ? ", ..." : "";
  return { picture: null, text: `[${numbers.join(", ")}${rest}]` };
}
