/** Figures, histograms, pictures and texts for TensorBoard. */

import type { Tensor } from "@fdunn/tensor";
import {
  type EventValue,
  tfRecord,
  valueEvent,
  versionEvent,
} from "./event_file.ts";
import { fileSystem, pathModule, processId } from "../files/file_system.ts";
import { GrowingFile } from "../files/growing_file.ts";
import { float64Of } from "../metrics/metric.ts";
import { encodePng } from "../charts/png.ts";

/** Options of {@linkcode SummaryWriter}. */
export interface SummaryWriterOptions {
  /** Follows the file's name. Default: none. */
  filenameSuffix?: string;
  /** A clock in milliseconds since 1970. Default: `Date.now`. */
  now?: () => number;
}

/** Writers of one process and one second have files of their own. */
let writers = 0;

/**
 * Writes an event file that `tensorboard --logdir` shows, without Python:
 * PyTorch's `SummaryWriter` in TypeScript. Each call is in the file when it
 * returns; where it throws since the disk is full, say, what it was to write
 * waits for the next one. Steps are whole numbers that TensorBoard draws along.
 *
 * Needs permission to write the folder.
 *
 * ```ts ignore
 * import { SummaryWriter } from "@fdunn/train";
 *
 * const writer = new SummaryWriter("runs/first");
 * for (let step = 0; step < 100; step++) {
 *   writer.addScalar("loss/train", 1 / (step + 1), step);
 * }
 * writer.close();
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/tensorboard.html
 */
export class SummaryWriter {
  readonly #now: () => number;
  readonly #file: GrowingFile;
  #closed = false;

  /**
   * Makes the folder where it is missing, and in it a new event file.
   *
   * @throws Error when the file cannot be made.
   */
  constructor(logDir: string, options: SummaryWriterOptions = {}) {
    const { filenameSuffix = "", now = Date.now } = options;
    this.#now = now;
    const unusedPath = () => {
      const { existsSync } = fileSystem();
      const seconds = String(Math.floor(now() / 1000)).padStart(10, "0");
      for (;;) {
        const number = `${processId()}.${writers++}`;
        const path = pathModule().join(
          logDir,
          `events.out.tfevents.${seconds}.fdunn.${number}${filenameSuffix}`,
        );
        if (!existsSync(path)) return path;
      }
    };
    this.#file = new GrowingFile(unusedPath(), {
      head: () => tfRecord(versionEvent(now() / 1000)),
      // TensorBoard holds on to a file that was deleted under its name.
      successor: unusedPath,
    });
    this.#file.begin();
  }

  /** The event file; another one where it was deleted. */
  get path(): string {
    return this.#file.path;
  }

  /** A number, drawn as a point of the curve `tag`; NaN and infinities too. */
  addScalar(tag: string, value: number, step: number): void {
    this.#add(tag, { kind: "scalar", value }, step);
  }

  /** Several numbers, each under `tag/name`. */
  addScalars(
    tag: string,
    values: Readonly<Record<string, number>>,
    step: number,
  ): void {
    for (const [name, value] of Object.entries(values)) {
      this.addScalar(`${tag}/${name}`, value, step);
    }
  }

  /**
   * How numbers are distributed, such as a layer's weights; those that are not
   * finite are left out.
   *
   * @throws RangeError when there is no finite number.
   */
  addHistogram(
    tag: string,
    values: Tensor | ArrayLike<number>,
    step: number,
  ): void {
    const numbers = isTensor(values) ? float64Of(values) : values;
    this.#add(tag, { kind: "histogram", values: numbers }, step);
  }

  /**
   * A picture `[C, H, W]` with one channel (grey) or three (red, green, blue)
   * and values in [0, 1]; others are clipped.
   *
   * @throws RangeError for other shapes.
   */
  addImage(tag: string, image: Tensor, step: number): void {
    const [channels, height, width] = image.shape;
    if (
      image.ndim !== 3 || (channels !== 1 && channels !== 3) || image.size === 0
    ) {
      throw new RangeError(
        `addImage() got shape [${
          image.shape.join(", ")
        }], expected [C, H, W] with 1 or 3 channels`,
      );
    }
    const size = { width: width!, height: height!, channels } as const;
    const levels = float64Of(image.permute([1, 2, 0]).contiguous());
    const pixels = Uint8Array.from(
      levels,
      (level) => Math.round(255 * Math.min(1, Math.max(0, level))) || 0,
    );
    this.#add(tag, { kind: "image", png: encodePng(pixels, size), size }, step);
  }

  /** A text; TensorBoard reads it as Markdown. */
  addText(tag: string, text: string, step: number): void {
    this.#add(tag, { kind: "text", text }, step);
  }

  /** Forces what was written to disk. */
  flush(): void {
    this.#open().sync();
  }

  /**
   * Ends the file; a second call does nothing.
   *
   * @throws WriteError when what waits cannot be written: it is lost.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#file.settle();
  }

  #add(tag: string, value: EventValue, step: number): void {
    if (!Number.isSafeInteger(step)) {
      throw new RangeError(
        `SummaryWriter got step ${step} for ${tag}, expected a whole number`,
      );
    }
    const event = valueEvent(tag, value, step, this.#now() / 1000);
    this.#open().add(tfRecord(event));
  }

  #open(): GrowingFile {
    if (!this.#closed) return this.#file;
    throw new Error(`SummaryWriter ${this.path} is closed`);
  }
}

function isTensor(values: Tensor | ArrayLike<number>): values is Tensor {
  return "shape" in values;
}
