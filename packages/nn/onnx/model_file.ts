/**
 * ONNX's messages: a graph of nodes between named values, as
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto numbers their fields.
 *
 * @module
 */

import type { DType } from "@fdunn/tensor";
import { LARGEST_MESSAGE, ProtoMessage } from "@fdunn/tensor/protobuf";

/**
 * The operator set of the files: that of ONNX 1.16, of spring 2024. It is the
 * first whose GroupNormalization has a factor for each channel; Gelu (20),
 * Mish and Col2Im (18) and LayerNormalization (17) came before it. Later sets
 * add little here, and every runtime of the last two years reads this one.
 */
export const OPSET = 21;
/** The version of the file format that goes with it. */
const IR_VERSION = 10;

const ELEMENT_TYPES: Readonly<Record<DType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
};

/** The number that stands for an element type, in Cast's attribute, too. */
export function elementType(dtype: DType): number {
  return ELEMENT_TYPES[dtype];
}

/** A number that an operator takes as a fraction, whole or not. */
export class Fraction {
  /** Wraps the number. */
  constructor(readonly value: number) {}
}

/** A named constant of a node; plain numbers are whole. */
export type Attribute =
  | number
  | Fraction
  | string
  | readonly number[]
  | readonly string[];

/** A run of an operator. */
export interface NodeRecord {
  /** Where in the model it stands, and what it is: unique. */
  name: string;
  /** ONNX's operator. */
  operator: string;
  /** Names of values; "" for one that is left out. */
  inputs: string[];
  /** Names of its results; "" for one that nobody needs. */
  outputs: string[];
  /** What it takes beside tensors. */
  attributes: Readonly<Record<string, Attribute>>;
}

/** A tensor in the file. */
export interface TensorRecord {
  /** Its name, which a state dict gave. */
  name: string;
  /** Its type. */
  dtype: DType;
  /** Its sizes. */
  shape: readonly number[];
  /** Its elements, row-major, little endian. */
  bytes: Uint8Array;
}

/** An input or an output. */
export interface ValueRecord {
  /** Its name. */
  name: string;
  /** Its type. */
  dtype: DType;
  /** Its sizes; those with a name are known when the graph runs. */
  shape: readonly (number | string)[];
}

/** All that a file says. */
export interface ModelRecord {
  /** The model's name. */
  name: string;
  /** What stands beside it, for people. */
  doc: string;
  /** In an order in which they can run. */
  nodes: readonly NodeRecord[];
  /** The weights and other constants. */
  tensors: readonly TensorRecord[];
  /** What it is given. */
  inputs: readonly ValueRecord[];
  /** What it gives. */
  outputs: readonly ValueRecord[];
}

function attributeMessage(name: string, value: Attribute): ProtoMessage {
  const message = new ProtoMessage().string(1, name);
  if (typeof value === "number") return message.int(3, value).int(20, 2);
  if (typeof value === "string") return message.string(4, value).int(20, 3);
  if (value instanceof Fraction) {
    return message.float(2, value.value).int(20, 1);
  }
  if (typeof value[0] === "string") {
    for (const text of value as readonly string[]) message.string(9, text);
    return message.int(20, 8);
  }
  return message.packedInts(8, value as readonly number[]).int(20, 7);
}

function nodeMessage(node: NodeRecord): ProtoMessage {
  const message = new ProtoMessage();
  for (const name of node.inputs) message.string(1, name);
  for (const name of node.outputs) message.string(2, name);
  message.string(3, node.name).string(4, node.operator);
  for (const [name, value] of Object.entries(node.attributes)) {
    message.message(5, attributeMessage(name, value));
  }
  return message;
}

function tensorMessage(tensor: TensorRecord): ProtoMessage {
  return new ProtoMessage()
    .packedInts(1, tensor.shape)
    .int(2, elementType(tensor.dtype))
    .string(8, tensor.name)
    .bytes(9, tensor.bytes);
}

function valueMessage({ name, dtype, shape }: ValueRecord): ProtoMessage {
  const sizes = new ProtoMessage();
  for (const size of shape) {
    const dim = new ProtoMessage();
    if (typeof size === "string") dim.string(2, size);
    else dim.int(1, size);
    sizes.message(1, dim);
  }
  const tensor = new ProtoMessage().int(1, elementType(dtype))
    .message(2, sizes);
  return new ProtoMessage().string(1, name)
    .message(2, new ProtoMessage().message(1, tensor));
}

/**
 * The bytes of a file.
 *
 * @throws RangeError when they are more than a protocol buffer holds.
 */
export function modelFile(model: ModelRecord): Uint8Array {
  const weights = model.tensors.reduce((n, t) => n + t.bytes.length, 0);
  if (weights > LARGEST_MESSAGE) throw tooLarge(weights);
  const graph = new ProtoMessage();
  for (const node of model.nodes) graph.message(1, nodeMessage(node));
  graph.string(2, model.name);
  for (const tensor of model.tensors) graph.message(5, tensorMessage(tensor));
  for (const value of model.inputs) graph.message(11, valueMessage(value));
  for (const value of model.outputs) graph.message(12, valueMessage(value));
  const file = new ProtoMessage()
    .int(1, IR_VERSION)
    .string(2, "fdunn");
  if (model.doc !== "") file.string(6, model.doc);
  file.message(7, graph)
    .message(8, new ProtoMessage().string(1, "").int(2, OPSET));
  if (file.length > LARGEST_MESSAGE) throw tooLarge(file.length);
  return file.finish();
}

function tooLarge(bytes: number): RangeError {
  return new RangeError(
    `exportOnnx() would write ${bytes} bytes, but an ONNX file holds at most ${LARGEST_MESSAGE} (2 GB, a protocol buffer's limit): save the weights with saveSafetensors(), or export the model in parts`,
  );
}
