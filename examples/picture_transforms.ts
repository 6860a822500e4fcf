/** What the nets on colour pictures get of them. */

import {
  compose,
  type ImageTransform,
  normalize,
  randomCrop,
  randomHorizontalFlip,
} from "@fdunn/data";

/** Ways to change training pictures, as an option's words. */
export const AUGMENTS = ["none", "crop-flip"] as const;

/** Pixels from [0, 1] to [-1, 1]. */
export const scaled: ImageTransform = normalize(0.5, 0.5);

/** The same after the changes; crops shift by up to an eighth. */
export function augmented(
  augment: typeof AUGMENTS[number],
  size: number,
): ImageTransform {
  if (augment === "none") return scaled;
  const crop = randomCrop(size, { padding: size >> 3 });
  return compose(crop, randomHorizontalFlip(), scaled);
}
