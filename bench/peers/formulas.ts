/**
 * What every library computes: data and initial weights by formula, so that
 * all start from the same numbers (`formulas.py` says the same to Python).
 * Shapes are PyTorch's; libraries with other layouts permute. Getters, so that
 * a cold start computes no more than it needs.
 */

/** `scale sin(0.37 i² + seed)`: no two rows or columns are alike. */
export function wave(size: number, seed: number, scale = 1): Float32Array {
  return Float32Array.from(
    { length: size },
    (_, i) => scale * Math.sin(i * i * 0.37 + seed),
  );
}

/** A parameter: its values, and its shape. */
export interface Weight {
  data: Float32Array;
  shape: number[];
}

/** Weights and biases by shape; each is bounded by `1 / sqrt(fanIn)`. */
function weights(layers: [shape: number[], fanIn: number][]): Weight[] {
  return layers.map(([shape, fanIn], i) => ({
    data: wave(sizeOf(shape), i + 1, 1 / Math.sqrt(fanIn)),
    shape,
  }));
}

/** The learning rate of all training. */
export const LEARNING_RATE = 0.01;

/** The first report's network: 28x28 pictures, ten classes, batches of 16. */
export const cnn = {
  batch: 16,
  get x(): Float32Array {
    return wave(16 * 28 * 28, 0);
  },
  labels: Int32Array.from({ length: 16 }, (_, i) => (i * 7) % 10),
  classes: 10,
  get weights(): Weight[] {
    return weights([
      [[4, 1, 3, 3], 9],
      [[4], 9],
      [[8, 4, 3, 3], 36],
      [[8], 36],
      [[100, 392], 392],
      [[100], 392],
      [[10, 100], 100],
      [[10], 100],
    ]);
  },
};

/** The second report's first network; each step takes the next sample. */
export const mlp = {
  samples: 1000,
  get x(): Float32Array {
    return wave(2000, 0);
  },
  labels: Int32Array.from({ length: 1000 }, (_, i) => i % 3 === 0 ? 1 : 0),
  classes: 2,
  get weights(): Weight[] {
    return weights([[[20, 2], 2], [[20], 2], [[2, 20], 20], [[2], 20]]);
  },
};

/**
 * A vanilla RNN over 19 digits that names the first: `h = tanh(Wx x + bx +
 * Wh h + bh)` from `h = 0`, logits from the last `h`.
 */
export const rnn = {
  steps: 19,
  batch: 32,
  hidden: 128,
  get x(): Float32Array {
    return Float32Array.from({ length: 32 * 19 }, (_, i) => {
      const [b, t] = [Math.floor(i / 19), i % 19];
      return (b * 7 + t * 3 + b * t) % 10;
    });
  },
  labels: Int32Array.from({ length: 32 }, (_, b) => (b * 7) % 10),
  classes: 10,
  /** Wx, Wh, bx, bh, and the head's weight and bias. */
  get weights(): Weight[] {
    return weights([
      [[128, 1], 128],
      [[128, 128], 128],
      [[128], 128],
      [[128], 128],
      [[10, 128], 128],
      [[10], 128],
    ]);
  },
};

/**
 * The second report's network for CIFAR-10: convolutions 3x3 with padding 1 to
 * so many channels, each with batch normalisation and ReLU; 0 is a max pooling
 * 3x3 with stride 2 and padding 1. Then one linear layer; Adam.
 */
export const vgg = {
  batch: 32,
  layers: [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0],
  features: 512,
  learningRate: 1e-4,
  get x(): Float32Array {
    return wave(32 * 3 * 32 * 32, 0);
  },
  labels: Int32Array.from({ length: 32 }, (_, i) => (i * 7) % 10),
  /** Of the convolutions, and of the linear layer; the norms begin at 1, 0. */
  get weights(): Weight[] {
    const shapes: [number[], number][] = [];
    let channels = 3;
    for (const out of vgg.layers.filter((out) => out > 0)) {
      const fanIn = 9 * channels;
      shapes.push([[out, channels, 3, 3], fanIn], [[out], fanIn]);
      channels = out;
    }
    return weights([...shapes, [[10, 512], 512], [[10], 512]]);
  },
};

/** A 3x3 convolution from the middle of VGG, without bias, padding 1. */
export const conv = {
  get x(): Float32Array {
    return wave(8 * 128 * 16 * 16, 1);
  },
  get weight(): Float32Array {
    return wave(128 * 128 * 9, 2, 1 / Math.sqrt(128 * 9));
  },
  /** The gradient of the output. */
  get g(): Float32Array {
    return wave(8 * 128 * 16 * 16, 3);
  },
  xShape: [8, 128, 16, 16] as [number, number, number, number],
  weightShape: [128, 128, 3, 3] as [number, number, number, number],
  flops: 2 * 8 * 128 * 128 * 9 * 16 * 16,
};

/** Which operand of a matrix product is stored transposed. */
export type Transposition = "nn" | "nt" | "tn";

/** Two square matrices. */
export function matrices(n: number): [a: Float32Array, b: Float32Array] {
  return [wave(n * n, 1), wave(n * n, 2)];
}

/** `matmul-512-nt` is A·Bᵀ of 512x512 matrices. */
export function parseMatmul(
  workload: string,
): { n: number; form: Transposition } | null {
  const match = /^matmul-(\d+)-(nn|nt|tn)$/.exec(workload);
  if (match === null) return null;
  return { n: Number(match[1]), form: match[2] as Transposition };
}

/** `count` values spread over an array: enough to tell a wrong result. */
export function pick(data: ArrayLike<number>, count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => data[Math.floor(data.length * i / count) + i]!,
  );
}

/** A row of zeros and a one for each label. */
export function oneHot(labels: Int32Array, classes: number): Float32Array {
  const rows = new Float32Array(labels.length * classes);
  labels.forEach((label, i) => rows[i * classes + label] = 1);
  return rows;
}

/** The values of `data` in the order of permuted axes. */
export function permute(
  data: ArrayLike<number>,
  shape: number[],
  axes: number[],
): Float32Array {
  const out = new Float32Array(data.length);
  const strides = shape.map((_, i) => sizeOf(shape.slice(i + 1)));
  const sizes = axes.map((axis) => shape[axis]!);
  const index = sizes.map(() => 0);
  for (let i = 0; i < out.length; i++) {
    let at = 0;
    axes.forEach((axis, j) => at += index[j]! * strides[axis]!);
    out[i] = data[at]!;
    for (let j = sizes.length - 1; j >= 0; j--) {
      if (++index[j]! < sizes[j]!) break;
      index[j] = 0;
    }
  }
  return out;
}

function sizeOf(shape: number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
