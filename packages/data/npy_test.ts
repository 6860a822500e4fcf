import { formatFile } from "@fdunn/testing";
import { arange, type DType, tensor, zeros } from "@fdunn/tensor";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadNpy, saveNpy } from "./npy.ts";
import { readZip, unpackedBytes } from "./zip.ts";

/** The `.npy` files of numpy in an archive of the fixtures, by array. */
async function files(archive: string): Promise<[string, Uint8Array][]> {
  const found: [string, Uint8Array][] = [];
  for (const [path, entry] of readZip(formatFile(archive), archive)) {
    found.push([path.replace(/\.npy$/, ""), await unpackedBytes(entry)]);
  }
  return found;
}

/** A file with this header, and zeros behind it. */
function file(header: string, bytes = 0, version = [1, 0]): Uint8Array {
  const text = new TextEncoder().encode(header);
  const [low, high] = [text.length & 255, text.length >> 8];
  const length = version[0] === 1 ? [low, high] : [low, high, 0, 0];
  const magic = [0x93, ...new TextEncoder().encode("NUMPY")];
  const data = new Uint8Array(bytes);
  return Uint8Array.from([...magic, ...version, ...length, ...text, ...data]);
}

const header = (descr: string, shape: string) =>
  `{'descr': '${descr}', 'fortran_order': False, 'shape': ${shape}, }`;

function refuse(bytes: Uint8Array, text: string, type: "value" | "type"): void {
  assertThrows(
    () => loadNpy(bytes, "x.npy"),
    type === "type" ? TypeError : RangeError,
    `x.npy ${text}`,
  );
}

const DTYPES: Record<string, DType> = {
  ...{ b1: "bool", i1: "int8", u1: "uint8", i2: "int32", u2: "int32" },
  ...{ i4: "int32", u4: "int64", i8: "int64", u8: "int64" },
  ...{ f2: "float16", f4: "float32", f8: "float64" },
};

Deno.test("loadNpy() reads every type in every layout that numpy writes", async () => {
  const counting = arange(24).reshape([2, 3, 4]);
  const arrays = await files("arrays.npz");
  assertEquals(arrays.length, 12 * 2 * 2);
  for (const [name, bytes] of arrays) {
    const x = loadNpy(bytes, name);
    const dtype = DTYPES[name.slice(0, 2)]!;
    assertEquals([x.dtype, x.shape], [dtype, [2, 3, 4]], name);
    const expected = dtype === "bool" ? counting.remainder(2) : counting;
    assertEquals(x.to("float32").toArray(), expected.toArray(), name);
  }
});

Deno.test("loadNpy() reads all versions of the header", () => {
  for (const version of [1, 2, 3]) {
    const x = loadNpy(formatFile(`version${version}.npy`));
    assertEquals(x.toArray(), arange(24).reshape([2, 3, 4]).toArray());
  }
  const text = `{"shape":(2L,),"descr":"|i1" ,  "fortran_order" : True}\n`;
  assertEquals(loadNpy(file(text, 2, [3, 0])).toArray(), [0, 0]);
  assertEquals(loadNpy(file(header("<f4", "()"), 4)).toArray(), 0);
  assertEquals(loadNpy(file(header("<f4", "(0, 3)"))).shape, [0, 3]);
});

Deno.test("saveNpy() writes what numpy writes, byte by byte", async () => {
  let compared = 0;
  for (const [name, bytes] of await files("arrays.npz")) {
    const [code, order, layout] = name.split(" ");
    const kept = DTYPES[code!]! === "int64" ? "i8" : code;
    if (order !== "<" || layout !== "rows" || kept !== code) continue;
    if (code === "i2" || code === "u2") continue; // here they are int32
    assertEquals(saveNpy(loadNpy(bytes)), bytes, name);
    compared++;
  }
  assertEquals(compared, 8);
  for (const [name, bytes] of await files("special.npz")) {
    assertEquals(saveNpy(loadNpy(bytes)), bytes, name);
  }
});

Deno.test("views, scalars and empty tensors survive", () => {
  const views = [
    arange(6).reshape([2, 3]).t(),
    arange(12).reshape([3, 4]).slice(1, 1, 3),
    tensor(5),
    zeros([2, 0, 3], { dtype: "int64" }),
    tensor([NaN, -0, 1e-45, -Infinity]),
    arange(3).to("float16"),
    zeros(new Array(12).fill(1)),
  ];
  for (const x of views) {
    const loaded = loadNpy(saveNpy(x));
    assertEquals([loaded.dtype, loaded.shape], [x.dtype, x.shape]);
    assertEquals(loaded.data(), x.data());
  }
});

Deno.test("columns first with many axes become rows first", () => {
  const shape = [2, 1, 3, 2, 1, 2, 1, 1, 2, 1];
  const text = header("<i4", `(${shape.join(", ")})`)
    .replace("False", "True");
  const bytes = file(text, 4 * 48);
  const view = new DataView(bytes.buffer, bytes.length - 4 * 48);
  for (let i = 0; i < 48; i++) view.setInt32(4 * i, i, true);
  const x = loadNpy(bytes);
  assertEquals(x.shape, shape);
  const reversed = arange(48).reshape([2, 2, 2, 3, 2]);
  const expected = reversed.permute([4, 3, 2, 1, 0]).data();
  assertEquals([...x.data()], [...expected]);
});

Deno.test("bfloat16, which numpy lacks, is not written", () => {
  assertThrows(
    () => saveNpy(zeros([2]).to("bfloat16")),
    TypeError,
    "saveNpy() got bfloat16, which numpy lacks",
  );
});

Deno.test("elements that no tensor holds are refused by name", async () => {
  const expected: Record<string, string> = {
    objects:
      "has elements of numpy's type |O, Python objects, which are pickled",
    structures: "has structured elements",
    text: "has elements of numpy's type <U2, text",
    bytes: "has elements of numpy's type |S2, bytes",
    complex: "has elements of numpy's type <c8, complex numbers",
    dates: "has elements of numpy's type <M8[D], dates",
    spans: "has elements of numpy's type <m8[s], spans of time",
    memory: "has elements of numpy's type |V3, raw memory",
    "long double": "has elements of numpy's type <f16;",
  };
  const arrays = await files("refused/arrays.npz");
  for (const [name, bytes] of arrays) {
    if (name in expected) refuse(bytes, expected[name]!, "type");
  }
  const large = arrays.find(([name]) => name === "large")![1];
  assertThrows(
    () => loadNpy(large),
    RangeError,
    "uint64 9223372036854775808 at position 1 is outside of int64",
  );
  for (
    const descr of ["=f4", "|f4", "f4", "xi1", "<f3", "", "<", "<toString"]
  ) {
    refuse(file(header(descr, "(2,)"), 8), "has elements of numpy's", "type");
  }
});

Deno.test("headers that lie are refused", () => {
  const bytes = saveNpy(arange(6).reshape([2, 3]));
  for (let length = 0; length < bytes.length; length++) {
    assertThrows(() => loadNpy(bytes.subarray(0, length)), RangeError);
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  refuse(
    longer,
    "has 153 bytes, expected 152 for float32 of shape [2, 3]",
    "value",
  );
  const version = bytes.slice();
  version[6] = 4;
  refuse(version, "has version 4.0 of the .npy format", "value");
  refuse(file("", 8), 'has the header "", expected a dictionary', "value");
  for (
    const sizes of [
      ...["(9007199254740992,)", "(99999999999999999999,)", "(1, , 2)"],
      ...["(1 2,)", "(2,,)", `(${"1,".repeat(65)})`],
    ]
  ) refuse(file(header("<f4", sizes), 8), "has the shape (", "value");
  for (
    const sizes of ["(4294967296, 4294967296)", "(9007199254740991, 0, 9)"]
  ) {
    const lies = file(header("<f4", sizes), 4);
    assertThrows(() => loadNpy(lies), RangeError);
  }
  const long = new Uint8Array(70_000);
  long.set(file("", 0, [2, 0]));
  new DataView(long.buffer).setUint32(8, 69_988, true);
  refuse(long, "has a header of 70000 bytes, expected up to 65536", "value");
  const good = header("<f4", "(2,)");
  for (
    const text of [
      good.replace("'shape'", "'descr': '<f4', 'shape'"),
      good.replace("(2,)", "[2]"),
      good.replace("(2,)", "(-2,)"),
      good.replace("(2,)", "(2.0,)"),
      good.replace("(2,)", "((2,),)"),
      good.replace("False", "0"),
      good.replace("False", "__import__('os')"),
      good.replace("}", ""),
      good.slice(1),
      good + "x",
      good.replace("'descr': '<f4', ", ""),
      good.replace("'descr'", "'other'"),
      "(".repeat(60_000),
      "{'descr': ".repeat(6_000),
    ]
  ) refuse(file(text, 8), "has the header", "value");
  const { message } = assertThrows(
    () => loadNpy(file("x".repeat(60_000))),
    RangeError,
  );
  assert(message.length < 400);
});
