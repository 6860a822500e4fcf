import { formatFile } from "@fdunn/testing";
import { arange, type DType, type Tensor } from "@fdunn/tensor";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { loadTorch } from "./torch.ts";
import { readZip, storedBytes } from "./zip.ts";
import { zipDeflated, type ZipFile, zipStored } from "./zip_writer.ts";

type Tensors = Record<string, Tensor>;

/** The files of an archive that PyTorch wrote. */
function filesOf(path: string): ZipFile[] {
  return [...readZip(formatFile(path), path)].map(([path, entry]) => ({
    path,
    bytes: new Uint8Array(storedBytes(entry)),
  }));
}

/** The archive with some files changed, or left out. */
function changed(
  path: string,
  change: (path: string, bytes: Uint8Array) => Uint8Array | null,
): Uint8Array<ArrayBuffer> {
  return zipStored(
    filesOf(path).flatMap(({ path, bytes }) => {
      const result = change(path.slice(path.indexOf("/") + 1), bytes);
      return result === null ? [] : [{ path, bytes: new Uint8Array(result) }];
    }),
  );
}

/** An archive with this pickle, and storage 0 of four floats. */
function archive(pickle: string): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(pickle, (char) => char.charCodeAt(0));
  return zipStored([
    { path: "archive/data.pkl", bytes },
    { path: "archive/data/0", bytes: new Uint8Array(16) },
  ]);
}

/** The instructions of a tensor that looks into storage 0. */
function view(offset: string, shape: string, strides: string): string {
  return "ctorch._utils\n_rebuild_tensor_v2\n((X\x07\0\0\0storage" +
    "ctorch\nFloatStorage\nX\x01\0\0\x000X\x03\0\0\0cpuK\x04tQ" +
    `${offset}${shape}${strides}\x89}tR.`;
}

function refuse(bytes: Uint8Array, message: string, type = RangeError): void {
  assertThrows(() => loadTorch(bytes), type, message);
}

Deno.test("loadTorch() reads every element type", () => {
  const tensors = loadTorch(formatFile("types.pt"));
  const widened: Record<string, DType> = {
    ...{ int16: "int32", uint16: "int32", uint32: "int64", uint64: "int64" },
  };
  const counting = arange(24).reshape([2, 3, 4]);
  assertEquals(Object.keys(tensors).length, 13);
  for (const [name, x] of Object.entries(tensors)) {
    assertEquals(x.dtype, widened[name] ?? name as DType);
    const expected = name === "bool" ? counting.remainder(2) : counting;
    assertEquals(x.to("float32").toArray(), expected.toArray(), name);
  }
});

Deno.test("loadTorch() reads views of shared storages", () => {
  const views = loadTorch(formatFile("views.pt"));
  const base = arange(24).reshape([4, 6]);
  const values: Record<string, Tensor> = {
    base,
    t: base.t(),
    rows: base.slice(0, 1, 3),
    columns: base.slice(1, 1, 6, 2),
    expanded: base.select(0, 0).expand([2, 6]),
    permuted: base.reshape([2, 2, 6]).permute([2, 0, 1]),
    windows: base.flatten().unfold(0, 5, 3),
    element: base.select(0, 2).select(0, 3),
    empty: base.slice(0, 0, 0),
    "empty columns": base.slice(1, 0, 0).slice(0, 0, 3).t(),
    halves: base.slice(1, 4).t(),
  };
  for (const [name, expected] of Object.entries(values)) {
    const x = views[name]!;
    assertEquals(x.shape, expected.shape, name);
    assertEquals(x.to("float32").toArray(), expected.toArray(), name);
    assertEquals(x.requiresGrad, false, name);
  }
  assertEquals(views.halves!.dtype, "bfloat16");
  const leaves = ["parameter", "half parameter", "buffer", "requires grad"];
  assertEquals(
    leaves.map((name) => views[name]!.requiresGrad),
    [true, false, false, true],
  );
  for (const name of leaves) {
    const x = views[name]!.detach().to("float32");
    assertEquals(x.toArray(), [[0, 1, 2, 3, 4, 5]], name);
  }
  assertEquals(Object.keys(views).length, 15);
  views.base!.fill_(-1);
  assertEquals(views.rows!.select(0, 0).toArray(), [6, 7, 8, 9, 10, 11]);
});

Deno.test("loadTorch() reads checkpoints, whatever the pickle's protocol", () => {
  interface Checkpoint {
    model: Tensors;
    again: Tensors;
    optimizer: { state: Record<string, Tensors>; param_groups: unknown[] };
    [key: string]: unknown;
  }
  for (const path of ["checkpoint.pt", "checkpoint4.pt"]) {
    const file = loadTorch<Checkpoint>(formatFile(path));
    const { model, again, optimizer, schedule, ...rest } = file;
    assertEquals(Object.keys(model), [
      ...["0.weight", "0.bias", "2.weight", "2.bias"],
    ]);
    assert(again === model, "what is shared stays shared");
    const state = optimizer.state["0"]!;
    assertEquals(Object.keys(optimizer.state), ["0", "1", "2", "3"]);
    assertEquals(state.exp_avg!.shape, [3, 2]);
    assertEquals(state.step!.item(), 3);
    const [group] = optimizer.param_groups as Record<string, unknown>[];
    const { lr, betas, params, amsgrad, foreach } = group!;
    assertEquals(
      { lr, betas, params, amsgrad, foreach },
      {
        lr: 0.02,
        betas: [0.9, 0.999],
        params: [0, 1, 2, 3],
        amsgrad: false,
        foreach: null,
      },
    );
    const { milestones } = schedule as Record<string, unknown>;
    assertEquals(milestones, { 2: 1, 5: 2 });
    assertEquals(rest, {
      epoch: 3,
      shape: [3, 2],
      dtype: "float32",
      device: "cpu",
      history: [0.5, 0.25, null],
      flags: [true, false, []],
      numbers: [
        ...[-1, 255, 256, 65536, -(2 ** 31), 2 ** 31, 2 ** 53 - 1, 2n ** 53n],
        ...[-(2n ** 70n), 1e300, 2n ** 200n],
      ],
      names: {
        ["__proto__"]: 1,
        "ü\n": "ö",
        7: "seven",
        nested: { a: [{}, []] },
      },
      text: "x".repeat(300),
    });
  }
});

Deno.test("loadTorch() reads what other archives say of themselves", () => {
  const expected = loadTorch(formatFile("linear.pt"));
  assertEquals(expected.weight!.toArray(), [[0, 1, 2], [3, 4, 5]]);
  const big = changed("linear.pt", (path, bytes) => {
    if (path === "byteorder") return new TextEncoder().encode("big");
    if (!path.startsWith("data/")) return bytes;
    const values = new DataView(bytes.slice().buffer);
    for (let at = 0; at < values.byteLength; at += 4) {
      values.setUint32(at, values.getUint32(at), true);
    }
    return new Uint8Array(values.buffer);
  });
  const old = changed(
    "linear.pt",
    (path, bytes) => path === "byteorder" ? null : bytes,
  );
  for (
    const bytes of [
      big,
      old,
      formatFile("linear.pth"),
      formatFile("unchecked.pt"),
    ]
  ) {
    const tensors = loadTorch(bytes);
    assertEquals(Object.keys(tensors), ["weight", "bias"]);
    for (const [name, x] of Object.entries(expected)) {
      assertEquals(tensors[name]!.data(), x.data(), name);
    }
  }
  const odd = changed(
    "linear.pt",
    (path, bytes) =>
      path === "byteorder" ? new Uint8Array(300).fill(0x61) : bytes,
  );
  refuse(odd, `The PyTorch file has the byte order "aaa`);
});

Deno.test("anything but tensors and plain containers is refused by its name", () => {
  const expected: Record<string, string> = {
    system: "posix.system",
    module: "torch.nn.modules.linear.Linear",
    set: "__builtin__.set",
    bytes: "_codecs.encode",
    set4: "a set",
    bytes4: "bytes",
    fraction: "fractions.Fraction",
    numpy: "numpy._core.multiarray.scalar",
    complex: "torch.ComplexFloatStorage",
    float8: "torch.float8_e4m3fn",
    sparse: "torch._utils._rebuild_sparse_tensor",
    quantized: "torch._utils._rebuild_qtensor",
    function: "torch._utils._rebuild_tensor_v2",
    storage: "a storage",
    keys: "a dictionary with keys that are neither text nor numbers",
    slice: "__builtin__.slice",
    script: "a TorchScript program",
  };
  for (const [name, what] of Object.entries(expected)) {
    const bytes = formatFile(`refused/${name}.pt`);
    refuse(bytes, `The PyTorch file holds ${what}, `, TypeError);
  }
  refuse(
    formatFile("refused/legacy.pt"),
    "The PyTorch file has the format from before PyTorch 1.6, which is not read: in Python, write torch.save(torch.load(path, weights_only=True), path) once",
  );
  for (const name of ["toString", "__proto__", "torch.os.system"]) {
    const [module, ...rest] = `builtins.${name}`.split(".");
    const pickle = `\x80\x02c${module}\n${rest.join(".")}\n.`;
    refuse(archive(pickle), `holds builtins.${name}, `, TypeError);
  }
});

Deno.test("archives that PyTorch did not write are refused", async () => {
  refuse(new Uint8Array(0), "The PyTorch file cannot be read");
  refuse(zipStored([]), "The PyTorch file has no data.pkl");
  const lacking = changed(
    "linear.pt",
    (path, bytes) => path === "data/1" ? null : bytes,
  );
  refuse(lacking, "The PyTorch file has no data/1");
  const short = changed(
    "linear.pt",
    (path, bytes) => path === "data/1" ? bytes.subarray(4) : bytes,
  );
  refuse(short, "The PyTorch file: data/1 has 4 bytes, expected 8");
  refuse(
    await zipDeflated(filesOf("linear.pt")),
    "linear/byteorder cannot be read: it is compressed by method 8",
  );
  const bytes = formatFile("linear.pt");
  for (let length = 0; length < bytes.length; length += 7) {
    refuse(bytes.subarray(0, length), "The PyTorch file");
  }
});

Deno.test("tensors that leave their storage are refused", () => {
  const two = "K\x02K\x02\x86"; // (2, 2)
  const good = loadTorch<Tensor>(archive(view("K\0", two, "K\x02K\x01\x86")));
  assertEquals(good.toArray(), [[0, 0], [0, 0]]);
  const outside = "it ends at position 4 of a storage of 4";
  refuse(archive(view("K\x01", two, "K\x02K\x01\x86")), outside);
  refuse(archive(view("K\0", two, "K\x03K\x01\x86")), outside);
  const fit =
    "calls torch._utils._rebuild_tensor_v2() with arguments that do not fit";
  refuse(archive(view("K\0", two, "J\xff\xff\xff\xffK\x01\x86")), fit);
  refuse(archive(view("J\xff\xff\xff\xff", two, "K\x01K\x01\x86")), fit);
  refuse(archive(view("K\0", "N", "K\x01K\x01\x86")), fit);
  refuse(archive(view("N", two, "K\x01K\x01\x86")), fit);
  const dims = "expected a stride for each of up to 64 dims";
  refuse(archive(view("K\0", two, "K\x01\x85")), dims);
  const many = `(${"K\x01".repeat(65)}t`;
  refuse(archive(view("K\0", many, many)), dims);
  // 2^31-1 to the fourth; then 2^31-1 bytes out of one number.
  const large = "J\xff\xff\xff\x7f";
  const zero = "K\0";
  refuse(
    archive(view("K\0", `(${large.repeat(4)}t`, `(${zero.repeat(4)}t`)),
    "its size overflows",
  );
  refuse(
    archive(view("K\0", `${large}\x85`, `${zero}\x85`)),
    "claims to hold 8589934588 and more, expected up to maxBytes = 268435456",
  );
  const bytes = archive(view("K\0", "M\xe8\x03\x85", `${zero}\x85`));
  assertEquals(loadTorch<Tensor>(bytes).shape, [1000]);
  assertThrows(
    () => loadTorch(bytes, { maxBytes: 3999 }),
    RangeError,
    "claims to hold 4000 and more",
  );
});

Deno.test("pickles that make no sense are refused", () => {
  const cases: [string, string][] = [
    ["", "1 bytes are missing, at byte 0"],
    ["N", "1 bytes are missing, at byte 1"],
    [".", "its stack is empty"],
    ["(.", "its stack is empty"],
    ["t.", "a mark is missing"],
    ["\x85.", "its stack is empty"],
    ["N(\x85.", "its stack is empty"],
    ["h\x01.", "it recalls value 1, which it never stored"],
    ["NNa.", "it appends to no list"],
    ["N(K\x01K\x02u.", "it sets items of no dictionary"],
    ["}(K\x01u.", "it sets items of no dictionary"],
    ["}(K\x01NX\x01\0\0\x001Nu.", "key 1 is there twice"],
    ["N)R.", "it calls what is no function"],
    ["X\xff\xff\xff\xff.", "4294967295 bytes are missing"],
    ["\x8d\xff\xff\xff\xff\xff\xff\xff\xff.", "18446744073709552000 bytes"],
    ["X\x01\0\0\0\xff.", "a text is not UTF-8"],
    ["\x8b\xff\xff\xff\x7f.", "a whole number has 2147483647 bytes"],
    ["cno line", "Infinity bytes are missing"],
    ["K\x01K\x02\x93.", "a name is no text"],
    ["I1\n.", "instruction 0x49 is not known"],
    ["NQ.", "refers to something that is no storage"],
    [
      "(X\x07\0\0\0storagectorch\nFloatStorage\nX\x01\0\0\x000N]tQ.",
      "refers to something that is no storage",
    ],
    ["ctorch\nFloatStorage\n)R.", "calls torch.FloatStorage() with arguments"],
    ["ctorch\ndevice\n]h\0R.", "it recalls value 0"],
    ["ctorch\ndevice\nN\x85R.", "calls torch.device() with arguments"],
    ["ccollections\nOrderedDict\nN\x85R.", "calls collections.OrderedDict()"],
  ];
  for (const [pickle, message] of cases) refuse(archive(pickle), message);
  refuse(archive("N}b."), "an object with attributes of its own", TypeError);
  // A function that rebuilds by calling itself, for ever.
  const self = "ctorch._tensor\n_rebuild_from_type_v2\nq\0";
  refuse(archive(`${self}]q\x01(h\0Nh\x01eR.`), "arguments that do not fit");
});

Deno.test("pickles that would fill the memory are refused before they are read", () => {
  refuse(
    archive("}".repeat(2 ** 23 + 1)),
    "The PyTorch file has 8388609 bytes beside its tensors, expected up to 8388608",
  );
  const most = 2 ** 20;
  const many = (count: number) => archive(`(${"}".repeat(count - 1)}t.`);
  assertEquals(loadTorch<unknown[]>(many(most)).length, most - 1);
  refuse(
    many(most + 1),
    `The PyTorch file holds more than ${most} lists, dictionaries and tensors`,
  );
});

Deno.test("loops and nesting are plain data, up to a depth", () => {
  const loop = loadTorch<unknown[]>(archive("]q\0h\0a."));
  assert(loop[0] === loop);
  const nested = (depth: number) =>
    archive("]".repeat(depth) + "a".repeat(depth - 1) + ".");
  let list = loadTorch<unknown[]>(nested(1000));
  let found = 1;
  for (; list.length > 0; found++) list = list[0] as unknown[];
  assertEquals(found, 1000);
  for (const depth of [1001, 1_000_000]) {
    refuse(nested(depth), "more than 1000 containers inside of each other");
  }
  // 2^60 lists that are 60.
  const doubled = "]q\0" + "h\0h\0\x86q\0".repeat(60) + ".";
  assert(Array.isArray(loadTorch(archive(doubled))));
});
