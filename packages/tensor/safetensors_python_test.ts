import { formatFile, runPython, scratchFolder } from "@fdunn/testing";
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { arange, type DType, type Tensor, tensor, zeros } from "./mod.ts";
import { loadSafetensors, saveSafetensors } from "./safetensors.ts";

const DTYPES: DType[] = [
  ...["float32", "float64", "float16", "bfloat16", "int64"] as const,
  ...["int32", "int8", "uint8", "bool"] as const,
];

/** Reads a file with safetensors, writes what it found into another one. */
const COPIER = `
import json, sys
from safetensors import safe_open
from safetensors.torch import load_file, save_file
with safe_open(sys.argv[1], "pt") as file:
    metadata = file.metadata()
tensors = load_file(sys.argv[1])
save_file({name: x.contiguous() for name, x in tensors.items()}, sys.argv[2], metadata)
print(json.dumps({name: [str(x.dtype), list(x.shape)] for name, x in tensors.items()}))
`;

Deno.test("safetensors reads what saveSafetensors() wrote, and the reverse, to the bit", async () => {
  using scratch = scratchFolder("safetensors");
  const [here, there] = ["here", "there"]
    .map((name) => join(scratch.path, `${name}.safetensors`)) as [
      string,
      string,
    ];
  const tensors: Record<string, Tensor> = {
    view: arange(6).reshape([2, 3]).t(),
    scalar: tensor(5),
    empty: zeros([0, 3]),
    special: tensor([NaN, Infinity, -0, 1e-45]),
    'ö "quoted"\n:{': tensor([1]),
  };
  for (const dtype of DTYPES) tensors[dtype] = arange(5).to(dtype);
  const metadata = { format: "pt", note: "ü:\n" };
  Deno.writeFileSync(here, saveSafetensors(tensors, metadata));
  const found = JSON.parse(await runPython(COPIER, [here, there]));
  const back = loadSafetensors(Deno.readFileSync(there));
  assertEquals(back.metadata, metadata);
  assertEquals(Object.keys(found).sort(), Object.keys(tensors).sort());
  for (const [name, x] of Object.entries(tensors)) {
    assertEquals(found[name], [`torch.${x.dtype}`, x.shape], name);
    assertEquals(back.tensors[name]!.data(), x.data(), name);
  }
});

Deno.test("files of the fixtures hold what PyTorch reads in them", () => {
  const { tensors } = loadSafetensors(formatFile("types.safetensors"));
  assertEquals(Object.keys(tensors).sort(), [...DTYPES].sort());
});
