/** TensorBoard's event files: records with checksums, an event in each. */

import { crc32c } from "@fdunn/data/checksum";
import { ProtoMessage } from "@fdunn/tensor/protobuf";

/** A checksum as TFRecord files hold it: turned and shifted. */
function masked(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/**
 * A record of a TFRecord file: length, its checksum, the data, its checksum.
 *
 * Format: https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
 */
export function tfRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setUint32(0, data.length, true);
  view.setUint32(4, Math.floor(data.length / 2 ** 32), true);
  view.setUint32(8, masked(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, masked(data), true);
  return record;
}

/** What an event tells: one value under a tag. */
export type EventValue =
  | { kind: "scalar"; value: number }
  | { kind: "histogram"; values: ArrayLike<number> }
  | { kind: "text"; text: string }
  | { kind: "image"; png: Uint8Array; size: ImageSize };

/** An image's size and its number of channels. */
export interface ImageSize {
  /** Pixels in a line. */
  width: number;
  /** Lines. */
  height: number;
  /** 1 for grey, 3 for red, green and blue. */
  channels: 1 | 3;
}

/** The first event of each file. */
export function versionEvent(seconds: number): Uint8Array {
  return new ProtoMessage().double(1, seconds)
    .string(3, "brain.Event:2").finish();
}

/**
 * An event as `event.proto` and `summary.proto` of TensorBoard describe it.
 *
 * Format: https://github.com/tensorflow/tensorboard/tree/master/tensorboard/compat/proto
 */
export function valueEvent(
  tag: string,
  value: EventValue,
  step: number,
  seconds: number,
): Uint8Array {
  const entry = new ProtoMessage().string(1, tag);
  switch (value.kind) {
    case "scalar":
      entry.float(2, value.value);
      break;
    case "image":
      entry.message(4, imageMessage(value.png, value.size));
      break;
    case "histogram":
      entry.message(5, histogramMessage(value.values));
      break;
    case "text":
      entry.message(8, textMessage(value.text)).message(9, pluginOf("text"));
  }
  return new ProtoMessage().double(1, seconds).int(2, step)
    .message(5, new ProtoMessage().message(1, entry)).finish();
}

function imageMessage(png: Uint8Array, size: ImageSize): ProtoMessage {
  return new ProtoMessage().int(1, size.height).int(2, size.width)
    .int(3, size.channels).bytes(4, png);
}

/** A TensorProto that holds one string. */
function textMessage(text: string): ProtoMessage {
  const DT_STRING = 7;
  const one = new ProtoMessage().int(1, 1);
  return new ProtoMessage().int(1, DT_STRING)
    .message(2, new ProtoMessage().message(2, one)).string(8, text);
}

/** Metadata that tells which of TensorBoard's plugins shows a value. */
function pluginOf(name: string): ProtoMessage {
  return new ProtoMessage()
    .message(1, new ProtoMessage().string(1, name));
}

/** Upper limits of buckets whose widths grow by a tenth, as in PyTorch. */
const LIMITS: Float64Array = bucketLimits();

function bucketLimits(): Float64Array {
  const positive: number[] = [];
  for (let v = 1e-12; v < 1e20; v *= 1.1) positive.push(v);
  return Float64Array.from([
    ...positive.map((v) => -v).reverse(),
    0,
    ...positive,
    Number.MAX_VALUE,
  ]);
}

/** The finite numbers among `values`, counted into the buckets they fill. */
function histogramMessage(values: ArrayLike<number>): ProtoMessage {
  const counts = new Float64Array(LIMITS.length);
  let [min, max, count, sum, squares] = [Infinity, -Infinity, 0, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (!Number.isFinite(value)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
    count++;
    sum += value;
    squares += value * value;
    const bucket = bucketOf(value);
    counts[bucket] = counts[bucket]! + 1;
  }
  if (count === 0) {
    throw new RangeError("A histogram needs at least one finite number");
  }
  const first = Math.max(0, counts.findIndex((n) => n > 0) - 1);
  const last = counts.findLastIndex((n) => n > 0);
  return new ProtoMessage().double(1, min).double(2, max).double(3, count)
    .double(4, sum).double(5, squares)
    .packedDoubles(6, LIMITS.subarray(first, last + 1))
    .packedDoubles(7, counts.subarray(first, last + 1));
}

/** The first bucket whose limit is above the value. */
function bucketOf(value: number): number {
  let low = 0;
  let high = LIMITS.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (LIMITS[middle]! > value) high = middle;
    else low = middle + 1;
  }
  return low;
}
