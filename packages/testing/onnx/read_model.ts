/** Reads what the tests want to know of an ONNX file. */

/** A field of a message: its number, and its value. */
type Field = readonly [field: number, value: number | Uint8Array];

/** A message's fields in order. */
export function fieldsOf(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag % 8;
    if (type === 0) {
      fields.push([(tag - type) / 8, varint()]);
    } else {
      const length = type === 5 ? 4 : varint();
      fields.push([(tag - type) / 8, bytes.subarray(at, at += length)]);
    }
  }
  return fields;
}

function all(fields: readonly Field[], number: number): Uint8Array[] {
  return fields.filter(([field]) => field === number)
    .map(([, value]) => value as Uint8Array);
}

function text(fields: readonly Field[], number: number): string {
  const [bytes = new Uint8Array()] = all(fields, number);
  return new TextDecoder().decode(bytes);
}

/** A node of a file. */
export interface ReadNode {
  /** Its operator. */
  operator: string;
  /** Its name. */
  name: string;
  /** Names of its operands. */
  inputs: string[];
  /** Names of its results. */
  outputs: string[];
}

/** A tensor of a file, or an input or output. */
export interface ReadValue {
  /** Its name. */
  name: string;
  /** Its sizes, some with names. */
  shape: (number | string)[];
  /** The number of its type. */
  type: number;
  /** A tensor's elements. */
  bytes: Uint8Array;
}

/** What a file says. */
export interface ReadModel {
  /** Who wrote it. */
  producer: string;
  /** The text for people. */
  doc: string;
  /** Its operator set. */
  opset: number;
  /** What runs. */
  nodes: ReadNode[];
  /** What is stored. */
  tensors: ReadValue[];
  /** What it takes. */
  inputs: ReadValue[];
  /** What it gives. */
  outputs: ReadValue[];
}

/** Reads a file that `exportOnnx` wrote. */
export function readModel(file: Uint8Array): ReadModel {
  const model = fieldsOf(file);
  const graph = fieldsOf(all(model, 7)[0]!);
  const names = (fields: readonly Field[], number: number) =>
    all(fields, number).map((bytes) => new TextDecoder().decode(bytes));
  return {
    producer: text(model, 2),
    doc: text(model, 6),
    opset: fieldsOf(all(model, 8)[0]!).find(([field]) =>
      field === 2
    )![1] as number,
    nodes: all(graph, 1).map(fieldsOf).map((node) => ({
      operator: text(node, 4),
      name: text(node, 3),
      inputs: names(node, 1),
      outputs: names(node, 2),
    })),
    tensors: all(graph, 5).map(fieldsOf).map(readTensor),
    inputs: all(graph, 11).map(fieldsOf).map(readValue),
    outputs: all(graph, 12).map(fieldsOf).map(readValue),
  };
}

function readTensor(tensor: readonly Field[]): ReadValue {
  const packed = all(tensor, 1)[0]!;
  const shape: number[] = [];
  for (let i = 0, value = 0, scale = 1; i < packed.length; i++) {
    value += (packed[i]! & 127) * scale;
    scale *= 128;
    if (packed[i]! < 128) {
      shape.push(value);
      [value, scale] = [0, 1];
    }
  }
  const type = tensor.find(([field]) => field === 2)![1] as number;
  return { name: text(tensor, 8), shape, type, bytes: all(tensor, 9)[0]! };
}

function readValue(value: readonly Field[]): ReadValue {
  const tensor = fieldsOf(all(fieldsOf(all(value, 2)[0]!), 1)[0]!);
  const dims = all(fieldsOf(all(tensor, 2)[0]!), 1).map(fieldsOf);
  return {
    name: text(value, 1),
    type: tensor.find(([field]) => field === 1)![1] as number,
    shape: dims.map((dim) => {
      const [field, size] = dim[0]!;
      return field === 1
        ? size as number
        : new TextDecoder().decode(size as Uint8Array);
    }),
    bytes: new Uint8Array(),
  };
}
