/**
 * Writes protocol buffers, the format of ONNX files and of TensorBoard's:
 * fields of a number, a wire type and a value.
 * https://protobuf.dev/programming-guides/encoding
 *
 * ```ts
 * import { ProtoMessage } from "@fdunn/tensor/protobuf";
 * import { assertEquals } from "@std/assert";
 *
 * const bytes = new ProtoMessage().int(1, 150).string(2, "hi").finish();
 * assertEquals([...bytes], [0x08, 0x96, 0x01, 0x12, 2, 0x68, 0x69]);
 * ```
 *
 * @module
 */

/** How a field's value is stored. */
const [VARINT, FIXED64, BYTES, FIXED32] = [0, 1, 2, 5] as const;

/** The largest message that readers of protocol buffers take. */
export const LARGEST_MESSAGE: number = 2 ** 31 - 1;

const utf8 = new TextEncoder();

/**
 * A message under construction. Bytes that come in large pieces stay where they
 * are until {@linkcode ProtoMessage.finish} copies all of them, once.
 */
export class ProtoMessage {
  /** What is written, in order. */
  readonly #pieces: Uint8Array[] = [];
  /** The small values since the last piece. */
  #small: number[] = [];
  #length = 0;

  /** How many bytes the message has so far. */
  get length(): number {
    return this.#length + this.#small.length;
  }

  /** A whole number from -2^63 on; negative ones take ten bytes. */
  int(field: number, value: number | bigint): this {
    this.#tag(field, VARINT);
    this.#varint(value);
    return this;
  }

  /** A single precision number. */
  float(field: number, value: number): this {
    this.#tag(field, FIXED32);
    this.#fixed(value);
    return this;
  }

  /** A double precision number. */
  double(field: number, value: number): this {
    this.#tag(field, FIXED64);
    return this.#piece(new Uint8Array(Float64Array.of(value).buffer));
  }

  /** Bytes, which must not change before the message is finished. */
  bytes(field: number, value: Uint8Array): this {
    this.#tag(field, BYTES);
    this.#varint(value.length);
    return this.#piece(value);
  }

  /** Text, in UTF-8. */
  string(field: number, value: string): this {
    return this.bytes(field, utf8.encode(value));
  }

  /** A message inside of this one; what it gets later is not in it. */
  message(field: number, value: ProtoMessage): this {
    this.#tag(field, BYTES);
    this.#varint(value.length);
    value.#flush();
    for (const piece of value.#pieces) this.#piece(piece);
    return this;
  }

  /** Whole numbers under one tag. */
  packedInts(field: number, values: readonly (number | bigint)[]): this {
    const packed = new ProtoMessage();
    for (const value of values) packed.#varint(value);
    return this.message(field, packed);
  }

  /** Single precision numbers under one tag. */
  packedFloats(field: number, values: readonly number[]): this {
    const packed = new ProtoMessage();
    for (const value of values) packed.#fixed(value);
    return this.message(field, packed);
  }

  /** Double precision numbers under one tag. */
  packedDoubles(field: number, values: ArrayLike<number>): this {
    const numbers = Float64Array.from(values);
    return this.bytes(field, new Uint8Array(numbers.buffer));
  }

  /** All bytes, in one array. */
  finish(): Uint8Array {
    this.#flush();
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      all.set(piece, at);
      at += piece.length;
    }
    return all;
  }

  #tag(field: number, type: number): void {
    this.#varint(field * 8 + type);
  }

  /** Seven bits a byte, the lowest first; all but the last have the eighth. */
  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    while (rest > 0x7fn) {
      this.#small.push(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.#small.push(Number(rest));
  }

  #fixed(value: number): void {
    const bytes = new DataView(new ArrayBuffer(4));
    bytes.setFloat32(0, value, true);
    for (let i = 0; i < 4; i++) this.#small.push(bytes.getUint8(i));
  }

  #piece(bytes: Uint8Array): this {
    this.#flush();
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    return this;
  }

  #flush(): void {
    if (this.#small.length === 0) return;
    const bytes = Uint8Array.from(this.#small);
    this.#small = [];
    this.#pieces.push(bytes);
    this.#length += bytes.length;
  }
}
