import { runPython, scratchFolder } from "@fdunn/testing";
import type { Tensor } from "@fdunn/tensor";
import { loadSafetensors } from "@fdunn/tensor/safetensors";
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { loadTorch } from "./torch.ts";

/**
 * Writes random views of random storages with torch.save(), in each protocol,
 * and what they hold with safetensors.
 */
const WRITER = `
import random, sys
import torch
from safetensors.torch import save_file
random.seed(0)
torch.manual_seed(0)
DTYPES = [torch.float32, torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int8, torch.uint8, torch.bool]
def view(x):
    for _ in range(random.randrange(5)):
        kind = random.randrange(6)
        if kind == 0 and x.dim() > 1:
            x = x.transpose(random.randrange(x.dim()), random.randrange(x.dim()))
        elif kind == 1 and x.dim() > 0:
            x = x.narrow((axis := random.randrange(x.dim())), (start := random.randrange(x.shape[axis] + 1)), random.randrange(x.shape[axis] - start + 1))
        elif kind == 2 and x.dim() > 0:
            x = x[..., ::random.randrange(1, 4)]
        elif kind == 3 and x.dim() > 0 and x.shape[0] > 0:
            x = x[random.randrange(x.shape[0])]
        elif kind == 4:
            x = x.unsqueeze(random.randrange(x.dim() + 1))
            x = x.expand([random.randrange(4) if n == 1 else n for n in x.shape])
        elif kind == 5 and x.dim() < 4:
            x = x.unsqueeze(0)
    return x
tensors = {}
for i in range(300):
    base = (torch.randn([random.randrange(1, 6) for _ in range(random.randrange(5))]) * 50).to(random.choice(DTYPES))
    for j in range(2):
        tensors[f"{i}.{j}"] = view(base)
for protocol in [2, 3, 4, 5]:
    torch.save({"views": tensors, "list": list(tensors.values())}, f"{sys.argv[1]}/{protocol}.pt", pickle_protocol=protocol)
save_file({name: x.contiguous().clone() for name, x in tensors.items()}, f"{sys.argv[1]}/expected.safetensors")
`;

Deno.test("loadTorch() reads random views as PyTorch means them, to the bit", async () => {
  using scratch = scratchFolder("torch");
  const folder = scratch.path;
  await runPython(WRITER, [folder]);
  const { tensors: expected } = loadSafetensors(
    Deno.readFileSync(join(folder, "expected.safetensors")),
  );
  for (const protocol of [2, 3, 4, 5]) {
    const bytes = Deno.readFileSync(join(folder, `${protocol}.pt`));
    const { views, list } = loadTorch<
      { views: Record<string, Tensor>; list: Tensor[] }
    >(bytes);
    assertEquals(Object.keys(views).length, 600);
    assertEquals(list, Object.values(views));
    for (const [name, x] of Object.entries(views)) {
      const { dtype, shape } = expected[name]!;
      assertEquals([x.dtype, x.shape], [dtype, shape], name);
      assertEquals(x.data(), expected[name]!.data(), name);
    }
  }
});
