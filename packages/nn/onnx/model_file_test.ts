import { readModel } from "@fdunn/testing";
import { assertEquals, assertThrows } from "@std/assert";
import { modelFile, type ModelRecord } from "./model_file.ts";

const EMPTY: ModelRecord = {
  ...{ name: "net", doc: "", nodes: [], tensors: [], inputs: [], outputs: [] },
};

Deno.test("tensors are stored as they are, little endian", () => {
  const elements = Float32Array.of(1, -2, 0.5);
  const bytes = new Uint8Array(elements.buffer);
  const tensor = {
    name: "w",
    dtype: "float32",
    shape: [3, 300],
    bytes,
  } as const;
  const { tensors, opset } = readModel(
    modelFile({ ...EMPTY, tensors: [tensor] }),
  );
  assertEquals(opset, 21);
  assertEquals(tensors, [{ name: "w", shape: [3, 300], type: 1, bytes }]);
  assertEquals([...tensors[0]!.bytes.subarray(0, 4)], [0, 0, 0x80, 0x3f]);
});

Deno.test("a file beyond 2 GB is refused before a byte of it is copied", () => {
  // As long as one, without the memory.
  const bytes = Object.create(Uint8Array.prototype, {
    length: { value: 2 ** 30 },
  }) as Uint8Array;
  const tensor = {
    name: "w",
    dtype: "float32",
    shape: [2 ** 28],
    bytes,
  } as const;
  assertThrows(
    () => modelFile({ ...EMPTY, tensors: [tensor, tensor] }),
    RangeError,
    "exportOnnx() would write 2147483648 bytes, but an ONNX file holds at most 2147483647",
  );
});
