/** Writes protocol buffers, the encoding of TensorBoard's and ONNX's files. */

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

/**
 * A message being written: each call appends one field; proto3's rule that
 * zeros are left out is the caller's.
 *
 * Format: https://protobuf.dev/programming-guides/encoding/
 *
 * ```ts
 * import { ProtobufWriter } from "./protobuf.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new ProtobufWriter().int(1, 150).string(2, "testing").finish();
 * assertEquals([...bytes.slice(0, 5)], [0x08, 0x96, 0x01, 0x12, 7]);
 * ```
 */
export class ProtobufWriter {
  #bytes = new Uint8Array(64);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** An int32, int64, uint32, uint64, bool or enum: a safe integer. */
  int(field: number, value: number): this {
    this.#tag(field, VARINT);
    return this.#varint(value);
  }

  /** A float. */
  float(field: number, value: number): this {
    this.#tag(field, FIXED32);
    const at = this.#take(4); // may replace the view
    this.#view.setFloat32(at, value, true);
    return this;
  }

  /** A double. */
  double(field: number, value: number): this {
    this.#tag(field, FIXED64);
    const at = this.#take(8);
    this.#view.setFloat64(at, value, true);
    return this;
  }

  /** Bytes as they are. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, LENGTH);
    this.#varint(value.length);
    const at = this.#take(value.length);
    this.#bytes.set(value, at);
    return this;
  }

  /** A text, in UTF-8. */
  string(field: number, value: string): this {
    return this.bytes(field, new TextEncoder().encode(value));
  }

  /** A message inside this one. */
  message(field: number, value: ProtobufWriter): this {
    return this.bytes(field, value.finish());
  }

  /** Packed doubles. */
  doubles(field: number, values: ArrayLike<number>): this {
    this.#tag(field, LENGTH);
    this.#varint(8 * values.length);
    const at = this.#take(8 * values.length);
    for (let i = 0; i < values.length; i++) {
      this.#view.setFloat64(at + 8 * i, values[i]!, true);
    }
    return this;
  }

  /** What was written. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  #varint(value: number): this {
    // Negative numbers are 64 bits of two's complement, in ten bytes.
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) | 128);
    return this.#byte(Number(rest));
  }

  #byte(value: number): this {
    const at = this.#take(1);
    this.#bytes[at] = value;
    return this;
  }

  /** Makes room at the end; returns where it begins. */
  #take(count: number): number {
    const start = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return start;
  }
}
