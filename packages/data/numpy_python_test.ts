import { runPython, scratchFolder } from "@fdunn/testing";
import {
  arange,
  type DType,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { loadNpy, saveNpy } from "./npy.ts";
import { loadNpz, saveNpz, saveNpzCompressed } from "./npz.ts";

/** Reads archives with numpy; prints type, shape and bytes of their arrays. */
const READER = `
import base64, json, sys, zipfile
import numpy
found = []
for path in sys.argv[2:]:
    assert zipfile.ZipFile(path).testzip() is None
    with numpy.load(path) as arrays:
        found.append({name: [str(a.dtype), a.shape, base64.b64encode(a.tobytes()).decode()] for name, a in arrays.items()})
one = numpy.load(sys.argv[1])
print(json.dumps([one.tolist(), str(one.dtype), found]))
`;

const base64 = (x: Tensor) => {
  const { buffer, byteOffset, byteLength } = x.data();
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
};

Deno.test("numpy reads what saveNpy() and saveNpz() wrote, to the bit", async () => {
  using scratch = scratchFolder("numpy");
  const dtypes: DType[] = [
    ...["float32", "float64", "float16", "int64", "int32"] as const,
    ...["int8", "uint8", "bool"] as const,
  ];
  const tensors: Record<string, Tensor> = {
    view: arange(6).reshape([2, 3]).t(),
    scalar: tensor(5),
    empty: zeros([0, 3]),
    special: tensor([NaN, Infinity, -0, 1e-45]),
    random: randn([100, 100]),
    "ö/../x": tensor([1]),
  };
  for (const dtype of dtypes) tensors[dtype] = arange(12).to(dtype);
  const paths = ["one.npy", "stored.npz", "deflated.npz"]
    .map((name) => join(scratch.path, name));
  Deno.writeFileSync(paths[0]!, saveNpy(arange(6).reshape([2, 3]).t()));
  Deno.writeFileSync(paths[1]!, saveNpz(tensors));
  Deno.writeFileSync(paths[2]!, await saveNpzCompressed(tensors));

  const [one, dtype, found] = JSON.parse(await runPython(READER, paths));
  assertEquals([one, dtype], [[[0, 3], [1, 4], [2, 5]], "float32"]);
  for (const archive of found) {
    assertEquals(Object.keys(archive), Object.keys(tensors));
    for (const [name, x] of Object.entries(tensors)) {
      assertEquals(archive[name], [x.dtype, x.shape, base64(x)], name);
    }
  }
});

/** Writes arrays of awkward layouts; prints nothing. */
const WRITER = `
import sys
import numpy
generator = numpy.random.default_rng(0)
large = generator.standard_normal((50, 70, 3)).astype("f4")
numpy.save(sys.argv[1], large[::2, ::-1].T)
numpy.savez_compressed(sys.argv[2], big=large.astype(">f8"), zeros=numpy.zeros((1000, 1000)), sums=large.sum((1, 2)))
`;

Deno.test("loadNpy() and loadNpz() read what numpy writes today", async () => {
  using scratch = scratchFolder("numpy");
  const paths = ["x.npy", "x.npz"].map((name) => join(scratch.path, name));
  await runPython(WRITER, paths);
  const x = loadNpy(Deno.readFileSync(paths[0]!));
  const { big, zeros, sums } = await loadNpz(Deno.readFileSync(paths[1]!));
  const float32 = big!.to("float32");
  const expected = float32.slice(0, 0, 50, 2).flip(1).permute([2, 1, 0]);
  assertEquals(x.shape, [3, 70, 25]);
  assertEquals(x.data(), expected.data());
  assertEquals([zeros!.dtype, zeros!.shape], ["float64", [1000, 1000]]);
  assertEquals(zeros!.abs().sum().item(), 0);
  assertEquals(sums!.allclose(float32.sum([1, 2]), { atol: 1e-4 }), true);
});
