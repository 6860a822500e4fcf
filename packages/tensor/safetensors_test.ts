import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { arange, type DType, tensor, zeros } from "./mod.ts";
import { loadSafetensors, saveSafetensors } from "./safetensors.ts";
import { wholes } from "./samples_test.ts";

const ALL: DType[] = [
  "float32",
  "float64",
  "int32",
  "bool",
  "float16",
  "bfloat16",
  "int64",
  "int8",
  "uint8",
];

/** A file from header text and data. */
function file(header: unknown, data = new Uint8Array(0)): Uint8Array {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const head = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + head.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(head.length), true);
  bytes.set(head, 8);
  bytes.set(data, 8 + head.length);
  return bytes;
}

/** Loads, or throws anything but the one sentence that broken files get. */
function loads(bytes: Uint8Array, what: string): boolean {
  try {
    loadSafetensors(bytes);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const sentence = error instanceof TypeError
      ? /^loadSafetensors\(\) got ".*" of dtype .*, expected F32/
      : /^Not a valid safetensors file: /;
    assert(error instanceof TypeError || error instanceof RangeError, what);
    assertMatch(message, sentence, what);
    return false;
  }
}

function refuse(bytes: Uint8Array, text: string): void {
  assertThrows(
    () => loadSafetensors(bytes),
    RangeError,
    `Not a valid safetensors file: ${text}`,
  );
}

const NOT_JSON = "its header is not JSON as the format has it";

const entry = (dtype: unknown, shape: unknown, data_offsets: unknown) => ({
  dtype,
  shape,
  data_offsets,
});

Deno.test("every dtype survives the round trip, bit by bit", () => {
  for (const dtype of ALL) {
    const x = tensor(wholes(6, 3, 0, 2), { shape: [2, 3], dtype: "int32" }).to(
      dtype,
    );
    const file = saveSafetensors({ x });
    const { tensors, metadata } = loadSafetensors(file);
    assertEquals(Object.keys(tensors), ["x"]);
    assertEquals([tensors.x!.dtype, tensors.x!.shape], [dtype, [2, 3]]);
    assertEquals(tensors.x!.data(), x.data());
    assertEquals(metadata, {});
  }
  const special = tensor([NaN, Infinity, -0, 1e-45, 3.4e38]);
  assertEquals(
    loadSafetensors(saveSafetensors({ special })).tensors.special!.data(),
    special.data(),
  );
});

Deno.test("shapes, views, names and metadata survive", () => {
  const tensors = {
    scalar: tensor(5),
    empty: zeros([0, 3], { dtype: "float64" }),
    b: arange(6).reshape([2, 3]).t(),
    "1": tensor(new Int8Array([1, 2, 3])),
    "0": zeros([0]),
    "2": tensor(new BigInt64Array([7n])),
    'ö "quoted"\n': tensor([true]),
    ["__proto__"]: tensor([3]),
    toString: zeros([2, 0, 2]),
  };
  const metadata = { format: "pt", ["__proto__"]: "x", note: "ü" };
  const loaded = loadSafetensors(saveSafetensors(tensors, metadata));
  assertEquals(Object.keys(loaded.tensors).sort(), Object.keys(tensors).sort());
  for (const [name, x] of Object.entries(tensors)) {
    const found = Object.getOwnPropertyDescriptor(loaded.tensors, name)!.value;
    assertEquals([found.shape, found.data()], [x.shape, x.data()], name);
  }
  assertEquals(Object.entries(loaded.metadata), Object.entries(metadata));
  assertEquals(Object.keys(loadSafetensors(saveSafetensors({})).tensors), []);
});

Deno.test("the bytes are the format's: aligned header, widest types first", () => {
  const bytes = saveSafetensors({
    a: tensor(new Uint8Array([9])),
    b: tensor([1], { dtype: "float64" }),
  });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  assertEquals(length % 8, 0);
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length));
  assertEquals(JSON.parse(header), {
    b: { dtype: "F64", shape: [1], data_offsets: [0, 8] },
    a: { dtype: "U8", shape: [1], data_offsets: [8, 9] },
  });
  assertEquals(bytes.length, 8 + length + 9);
});

Deno.test("files from elsewhere load: any order, no padding, Node's Buffer", () => {
  const data = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
  const header = {
    z: entry("F32", [2], [4, 12]),
    none: entry("I8", [0], [4, 4]),
    a: entry("F32", [], [0, 4]),
    __metadata__: { k: "v" },
  };
  const bytes = file(header, data);
  const padded = new Uint8Array(bytes.length + 3);
  padded.set(bytes, 3);
  for (const source of [bytes, padded.subarray(3), Buffer.from(bytes)]) {
    const { tensors, metadata } = loadSafetensors(source);
    assertEquals(tensors.a!.item(), 1);
    assertEquals(tensors.z!.toArray(), [2, 3]);
    assertEquals(tensors.none!.shape, [0]);
    assertEquals(metadata, { k: "v" });
  }
  const bools = loadSafetensors(
    file({ b: entry("BOOL", [3], [0, 3]) }, new Uint8Array([0, 1, 7])),
  );
  assertEquals(bools.tensors.b!.data(), new Uint8Array([0, 1, 1]));
});

Deno.test("loading copies: later changes of the bytes change no tensor", () => {
  const bytes = saveSafetensors({ x: tensor([1, 2]) });
  const { tensors } = loadSafetensors(bytes);
  bytes.fill(0xff);
  assertEquals(tensors.x!.toArray(), [1, 2]);
});

Deno.test("a file cut off anywhere is refused", () => {
  const bytes = saveSafetensors({
    w: arange(6).reshape([2, 3]),
    b: tensor(new Uint8Array([1, 2, 3])),
  }, { step: "1" });
  for (let length = 0; length < bytes.length; length++) {
    assertEquals(
      loads(bytes.subarray(0, length), `${length} bytes`),
      false,
      `${length} bytes`,
    );
  }
  assertEquals(loads(bytes, "whole"), true);
  refuse(bytes.subarray(0, 5), "it has only 5 bytes");
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  refuse(longer, "1 bytes behind the last tensor belong to none");
});

Deno.test("no changed byte crashes the reader", () => {
  const bytes = saveSafetensors({
    w: arange(4).reshape([2, 2]),
    b: tensor([true]),
  }, { k: "v" });
  for (let i = 0; i < bytes.length; i++) {
    for (
      const value of [
        0,
        0x22,
        0x2d,
        0x2c,
        0x39,
        0x5b,
        0x7d,
        0xff,
        bytes[i]! ^ 1,
      ]
    ) {
      const changed = bytes.slice();
      changed[i] = value;
      loads(changed, `byte ${i} = ${value}`);
    }
  }
});

Deno.test("header lengths that lie are refused", () => {
  const bytes = saveSafetensors({ x: tensor([1]) });
  for (
    const length of [
      2n ** 64n - 1n,
      2n ** 63n,
      2n ** 53n,
      100_000_001n,
      BigInt(bytes.length),
    ]
  ) {
    const lying = bytes.slice();
    new DataView(lying.buffer).setBigUint64(0, length, true);
    refuse(
      lying,
      `its header claims ${length} bytes of a file of ${bytes.length}`,
    );
  }
  const none = bytes.slice();
  new DataView(none.buffer).setBigUint64(0, 0n, true);
  refuse(none, NOT_JSON);
});

Deno.test("headers that are no JSON object are refused", () => {
  for (
    const text of [
      "",
      "{",
      "nope",
      '{"a":1',
      "{]",
      "[".repeat(100_000),
      "\u0000",
    ]
  ) {
    refuse(file(text), NOT_JSON);
  }
  const invalid = file("xx");
  invalid.set([0xc3, 0x28], 8);
  refuse(invalid, NOT_JSON);
  for (const text of ["null", "1", '"a"', "[]", "true"]) {
    refuse(file(text), NOT_JSON);
  }
});

Deno.test("entries of another form are refused by name", () => {
  const data = new Uint8Array(8);
  const cases: [unknown, string][] = [
    [entry("F32", 2, [0, 8]), '"x" has shape 2'],
    [entry("F32", null, [0, 8]), '"x" has shape null'],
    [entry("F32", [2.5], [0, 8]), '"x" has shape [2.5]'],
    [entry("F32", [-2], [0, 8]), '"x" has shape [-2]'],
    [entry("F32", [NaN], [0, 8]), '"x" has shape [null]'],
    [entry("F32", [1e400], [0, 8]), '"x" has shape [null]'],
    [entry("F32", ["2"], [0, 8]), NOT_JSON],
    [entry("F32", [2 ** 60], [0, 8]), '"x" has shape [1152921504606847000]'],
    [entry("F32", [...new Array(64).fill(1), 2], [0, 8]), '"x" has shape [1,'],
    [entry("F32", [2], null), '"x" has data_offsets null'],
    [entry("F32", [2], [0]), '"x" has data_offsets [0]'],
    [entry("F32", [2], [0, 8, 16]), '"x" has data_offsets [0,8,16]'],
    [entry("F32", [2], [-8, 0]), '"x" has data_offsets [-8,0]'],
    [entry("F32", [2], ["0", "8"]), NOT_JSON],
    [entry("F32", [2], [0.5, 8.5]), '"x" has data_offsets'],
  ];
  for (const [value, text] of cases) refuse(file({ x: value }, data), text);
});

Deno.test("dtypes that fdunn lacks are refused by name", () => {
  const foreign = ["U16", "U32", "U64", "I16", "F8_E4M3", "F8_E5M2", "C64"];
  const types = [...foreign, "F99", "f32", "toString", null, undefined, 7];
  for (const type of [...types, "F".repeat(1000)]) {
    assertThrows(
      () => loadSafetensors(file({ x: entry(type, [], [0, 0]) })),
      TypeError,
      `loadSafetensors() got "x" of dtype ${
        `${JSON.stringify(type)}`.slice(0, 80)
      }, expected F32, F64, F16, BF16, I32, I64, I8, U8, BOOL`,
    );
  }
  for (const value of [null, 7, "F32", [], entry({}, [], [0, 0])]) {
    refuse(file({ x: value }), NOT_JSON);
  }
});

Deno.test("what says something twice is refused", () => {
  const x = '"dtype":"F32","shape":[0],"data_offsets":[0,0]';
  const texts = [
    `{"x":{${x}},"x":{${x}}}`,
    `{"x":{${x},"shape":[]}}`,
    `{"x":{${x}},"\\u0078":{${x}}}`,
    `{"__metadata__":{"a":"1","a":"1"}}`,
    `{"__metadata__":{},"__metadata__":{}}`,
  ];
  for (const text of texts) refuse(file(text), "its header repeats a key");
  const colons = 'a:"b\\":{}[]';
  const empty = zeros([0]);
  const bytes = saveSafetensors({ [colons]: empty }, { [colons]: ":::" });
  assertEquals(Object.keys(loadSafetensors(bytes).tensors), [colons]);
});

Deno.test("nesting without end is refused", () => {
  for (const depth of [100, 10_000, 1_000_000]) {
    const deep = "[".repeat(depth) + "]".repeat(depth);
    for (
      const text of [
        `{"x":${'{"a":'.repeat(depth)}1${"}".repeat(depth)}}`,
        `{"x":{"dtype":"F32","shape":${deep},"data_offsets":[0,4]}}`,
        `{"x":{"dtype":"F32","shape":[],"data_offsets":${deep}}}`,
        `{"x":{"dtype":${deep},"shape":[],"data_offsets":[0,4]}}`,
        `{"__metadata__":${deep}}`,
      ]
    ) {
      assertEquals(loads(file(text), `${depth} deep`), false);
    }
  }
});

Deno.test("messages about hostile names stay short", () => {
  const long = "n".repeat(1_000_000);
  const bytes = file({ [long]: entry("F32", [2], [0, 1]) });
  const { message } = assertThrows(() => loadSafetensors(bytes), RangeError);
  assert(message.length < 300, `${message.length}`);
});

Deno.test("counts that do not fit the shape are refused, overflow too", () => {
  const data = new Uint8Array(8);
  const x = (shape: number[], offsets: number[]) =>
    file({ x: entry("F32", shape, offsets) }, data);
  refuse(x([3], [0, 8]), '"x" has 8 bytes for F32 of shape [3]');
  refuse(x([2], [8, 0]), '"x" has -8 bytes for F32 of shape [2]');
  refuse(x([], [0, 8]), '"x" has 8 bytes for F32 of shape []');
  // 2^32 * 2^32 wraps to 0 in 64 bits, and 2^62 + 2 elements to 8 bytes.
  refuse(x([2 ** 32, 2 ** 32], [0, 0]), '"x" has 0 bytes');
  refuse(x([2 ** 31, 2 ** 31, 4], [0, 8]), '"x" has 8 bytes');
  refuse(x(new Array(64).fill(2 ** 50), [0, 8]), '"x" has 8 bytes');
  refuse(x([...new Array(63).fill(2 ** 50), 0], [0, 0]), '"x" has 0 bytes');
});

Deno.test("ranges must follow each other without gap or overlap", () => {
  const data = new Uint8Array(16);
  const two = (a: number[], b: number[]) =>
    file({
      a: entry("U8", [a[1]! - a[0]!], a),
      b: entry("U8", [b[1]! - b[0]!], b),
    }, data);
  assertEquals(loads(two([0, 8], [8, 16]), "in order"), true);
  assertEquals(loads(two([8, 16], [0, 8]), "in another order"), true);
  refuse(two([0, 8], [9, 16]), '"b" starts at 9, expected 8');
  refuse(two([0, 8], [4, 16]), '"b" starts at 4, expected 8');
  refuse(two([0, 8], [0, 16]), '"b" starts at 0, expected 8');
  refuse(two([1, 8], [8, 16]), '"a" starts at 1, expected 0');
  refuse(two([0, 8], [8, 17]), '"b" ends at byte');
  refuse(two([0, 8], [8, 15]), "1 bytes behind the last tensor belong to none");
  refuse(
    file({ x: entry("U8", [2 ** 52], [0, 2 ** 52]) }, data),
    '"x" ends at byte',
  );
});

Deno.test("metadata must be text pairs", () => {
  assertThrows(
    () => saveSafetensors({}, { step: 3 as unknown as string }),
    RangeError,
    "its __metadata__ is not an object of strings",
  );
  for (const value of [{ k: 1 }, { k: null }, { k: [] }, { k: [1] }]) {
    refuse(
      file({ __metadata__: value }),
      "its __metadata__ is not an object of strings",
    );
  }
  for (const value of [null, 1, "a", ["a"], { k: {} }, { k: ["a"] }]) {
    refuse(file({ __metadata__: value }), NOT_JSON);
  }
  assertThrows(
    () => saveSafetensors({ __metadata__: tensor([1]) }),
    RangeError,
    'saveSafetensors() cannot store a tensor named "__metadata__"',
  );
});
