/** Pictures in memory, as bytes, with their classes. */

import { Tensor, tensor } from "@fdunn/tensor";
import { checkIndex, type Dataset } from "./dataset.ts";

/**
 * Pictures and their classes. The pictures are kept as bytes, a quarter of
 * what floats take, and become float32 in [0, 1] when an item or a batch is
 * asked for.
 *
 * ```ts
 * import { ImageDataset } from "@fdunn/data";
 * import { tensor, zeros } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const images = zeros([2, 3, 8, 8], { dtype: "uint8" });
 * const labels = tensor(new Int32Array([1, 0]));
 * const dataset = new ImageDataset(images, labels, ["cat", "dog"]);
 * assertEquals(dataset.get(0)[0].shape, [3, 8, 8]);
 * ```
 */
export class ImageDataset implements Dataset<[Tensor, Tensor]> {
  /** The pictures: uint8 `[N, C, height, width]`. */
  readonly images: Tensor;
  /** Their classes: int32 `[N]`. */
  readonly labels: Tensor;
  /** The names of the classes. */
  readonly classes: readonly string[];
  /** The number of pictures. */
  readonly length: number;

  /**
   * What `loadMnist()` and its kin return; `name` is what messages call it.
   *
   * @throws RangeError for counts that differ and labels without a class.
   */
  constructor(
    images: Tensor,
    labels: Tensor,
    classes: readonly string[],
    name: string = "ImageDataset",
  ) {
    if (images.shape[0] !== labels.shape[0]) {
      throw new RangeError(
        `${name} has ${images.shape[0]} images and ${
          labels.shape[0]
        } labels, which must be as many`,
      );
    }
    const values = labels.data();
    for (let i = 0; i < values.length; i++) {
      const label = Number(values[i]);
      if (label < 0 || label >= classes.length) {
        throw new RangeError(
          `${name} has label ${label} at position ${i}, expected 0 to ${
            classes.length - 1
          }`,
        );
      }
    }
    this.images = images;
    this.labels = labels;
    this.classes = classes;
    this.length = values.length;
  }

  /** A picture `[C, height, width]` in [0, 1] and its class, a scalar. */
  get(index: number): [Tensor, Tensor] {
    checkIndex("ImageDataset", index, this.length);
    return [
      scaled(this.images.select(0, index)),
      this.labels.select(0, index).clone(),
    ];
  }

  /** Pictures `[n, C, height, width]` in [0, 1] and their classes `[n]`. */
  getBatch(indices: Tensor | Int32Array): [Tensor, Tensor] {
    const at = indices instanceof Tensor ? indices : tensor(indices);
    const bytes = this.images.indexSelect(0, at);
    const images = scaled(bytes);
    bytes.dispose();
    return [images, this.labels.indexSelect(0, at)];
  }
}

/** Bytes as float32 in [0, 1], with the bits of torchvision's ToTensor. */
function scaled(bytes: Tensor): Tensor {
  return bytes.to("float32").div_(255);
}
