/** Transforms of batches of pictures: scaling, and random augmentation. */

import {
  type Generator,
  pad,
  rand,
  randint,
  stack,
  streamFor,
  type Tensor,
  tensor,
  where,
} from "@fdunn/tensor";

/** A function of a batch of pictures `[N, C, H, W]`. */
export type ImageTransform = (images: Tensor) => Tensor;

/** Where random transforms draw from. */
export interface RandomTransformOptions {
  /** Default: the stream "augment" of the default generator. */
  generator?: Generator;
}

/** Options of {@linkcode randomCrop}. */
export interface RandomCropOptions extends RandomTransformOptions {
  /** Zeros around the pictures before they are cropped. Default 0. */
  padding?: number;
}

/** Options of {@linkcode randomHorizontalFlip}. */
export interface RandomFlipOptions extends RandomTransformOptions {
  /** The probability of a picture to be mirrored. Default 0.5. */
  p?: number;
}

/**
 * `(x - mean) / std`, with one number or one per channel.
 *
 * ```ts
 * import { normalize } from "@fdunn/data";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([0, 0.5, 1]).reshape([1, 3, 1, 1]);
 * assertEquals(normalize(0.5, 0.5)(x).flatten().toArray(), [-1, 0, 1]);
 * ```
 *
 * See https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 *
 * @throws RangeError for a deviation that is not above 0, and for another
 * number of channels.
 */
export function normalize(
  mean: number | readonly number[],
  std: number | readonly number[],
): ImageTransform {
  const perChannel = (values: number | readonly number[]) =>
    tensor(typeof values === "number" ? [values] : values.slice())
      .reshape([1, -1, 1, 1]);
  const [m, s] = [perChannel(mean), perChannel(std)];
  if (!s.gt(0).all().item()) {
    throw new RangeError(
      `normalize() got std ${std}, expected numbers above 0`,
    );
  }
  return (images) => {
    requireImages("normalize", images);
    for (const values of [m, s]) {
      const channels = values.shape[1];
      if (channels === 1 || channels === images.shape[1]) continue;
      throw new RangeError(
        `normalize() has values for ${channels} channels, got pictures [${
          images.shape.join(", ")
        }]`,
      );
    }
    return images.sub(m).div(s);
  };
}

/**
 * A window of each picture at a random place, `size` or `[height, width]`.
 *
 * ```ts
 * import { randomCrop } from "@fdunn/data";
 * import { zeros } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const crop = randomCrop(32, { padding: 4 });
 * assertEquals(crop(zeros([8, 3, 32, 32])).shape, [8, 3, 32, 32]);
 * ```
 *
 * See https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
 *
 * @throws RangeError for pictures, padding included, smaller than the window.
 */
export function randomCrop(
  size: number | readonly [number, number],
  options: RandomCropOptions = {},
): ImageTransform {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const { padding = 0 } = options;
  return (images) => {
    requireImages("randomCrop", images);
    const wide = padding === 0
      ? images
      : pad(images, [padding, padding, padding, padding]);
    const [n, , h, w] = wide.shape as [number, number, number, number];
    const [down, right] = [h - height, w - width];
    if (!(down >= 0 && right >= 0)) {
      throw new RangeError(
        `randomCrop() of ${height} x ${width} got pictures [${
          images.shape.join(", ")
        }] with padding ${padding}, which are smaller`,
      );
    }
    const generator = options.generator ?? streamFor("augment");
    const tops = randint(0, down + 1, [n], { generator }).data();
    const lefts = randint(0, right + 1, [n], { generator }).data();
    const windows = Array.from({ length: n }, (_, i) =>
      wide.select(0, i)
        .narrow(1, Number(tops[i]), height)
        .narrow(2, Number(lefts[i]), width));
    return n === 0 ? wide.narrow(2, 0, height).narrow(3, 0, width) : stack(
      windows,
      0,
    );
  };
}

/**
 * Mirrors each picture left to right with probability p.
 *
 * ```ts
 * import { randomHorizontalFlip } from "@fdunn/data";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([1, 2, 3]).reshape([1, 1, 1, 3]);
 * const flip = randomHorizontalFlip({ p: 1 });
 * assertEquals(flip(x).flatten().toArray(), [3, 2, 1]);
 * ```
 *
 * See https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.RandomHorizontalFlip.html
 *
 * @throws RangeError for a probability outside of [0, 1].
 */
export function randomHorizontalFlip(
  options: RandomFlipOptions = {},
): ImageTransform {
  const { p = 0.5 } = options;
  if (!(p >= 0 && p <= 1)) {
    throw new RangeError(
      `randomHorizontalFlip() got p ${p}, expected a number from 0 to 1`,
    );
  }
  return (images) => {
    requireImages("randomHorizontalFlip", images);
    const generator = options.generator ?? streamFor("augment");
    const mirrored = rand([images.shape[0]!], { generator }).lt(p)
      .reshape([-1, 1, 1, 1]);
    return where(mirrored, images.flip([3]), images);
  };
}

/**
 * One transform after the other.
 *
 * See https://docs.pytorch.org/vision/stable/generated/torchvision.transforms.Compose.html
 */
export function compose(...transforms: ImageTransform[]): ImageTransform {
  return (images) => transforms.reduce((x, transform) => transform(x), images);
}

/**
 * A loader's `transform` that changes the pictures of a batch, its first part,
 * and leaves the others.
 *
 * ```ts
 * import {
 *   compose,
 *   DataLoader,
 *   normalize,
 *   onImages,
 *   randomHorizontalFlip,
 *   TensorDataset,
 * } from "@fdunn/data";
 * import { rand, zeros } from "@fdunn/tensor";
 *
 * const dataset = new TensorDataset(rand([8, 3, 4, 4]), zeros([8]));
 * const transform = onImages(
 *   compose(randomHorizontalFlip(), normalize(0.5, 0.5)),
 * );
 * for (const [x] of new DataLoader(dataset, { batchSize: 4, transform })) {
 *   console.log(x.shape); // [4, 3, 4, 4]
 * }
 * ```
 */
export function onImages<B extends readonly [Tensor, ...unknown[]]>(
  transform: ImageTransform,
): (batch: B) => B {
  return (batch) => {
    const [images, ...others] = batch;
    return [transform(images), ...others] as unknown as B;
  };
}

function requireImages(name: string, images: Tensor): void {
  if (images.ndim === 4) return;
  throw new RangeError(
    `${name}() got [${
      images.shape.join(", ")
    }], expected pictures [N, C, H, W]`,
  );
}
