/**
 * What files cost: 64 MB of float32 in the formats of safetensors and numpy,
 * beside a copy of the bytes; and the 200 small tensors of a PyTorch file.
 */
import {
  loadNpy,
  loadNpz,
  loadTorch,
  saveNpy,
  saveNpz,
  saveNpzCompressed,
} from "@fdunn/data";
import { randn, type Tensor } from "@fdunn/tensor";
import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";

const x = randn([16, 1024, 1024]);
const safetensors = saveSafetensors({ x });
const npy = saveNpy(x);
const npz = saveNpz({ x });
const part = { x: x.slice(0, 0, 1) };
const deflated = await saveNpzCompressed(part);
const zoo = await Deno.readFile("packages/testing/fixtures/formats/zoo.pt");

/** Frees what was read, as its user would in the end. */
function free(tensors: Record<string, Tensor>): void {
  for (const tensor of Object.values(tensors)) tensor.dispose();
}

const read = { group: "read 64 MB" };
Deno.bench("a copy", { ...read, baseline: true }, () => {
  npy.slice();
});
Deno.bench("loadSafetensors", read, () => {
  free(loadSafetensors(safetensors).tensors);
});
Deno.bench("loadNpy", read, () => {
  free({ x: loadNpy(npy) });
});
Deno.bench("loadNpz, with its checksum", read, async () => {
  free(await loadNpz(npz));
});

const write = { group: "write 64 MB" };
Deno.bench("a copy of the bytes", { ...write, baseline: true }, () => {
  npy.slice();
});
Deno.bench("saveSafetensors", write, () => {
  saveSafetensors({ x });
});
Deno.bench("saveNpy", write, () => {
  saveNpy(x);
});
Deno.bench("saveNpz, with its checksum", write, () => {
  saveNpz({ x });
});

/** What the platform deflates, and nothing around it. */
async function deflate(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const stream = new Blob([bytes]).stream();
  const deflated = stream.pipeThrough(new CompressionStream("deflate-raw"));
  await new Response(deflated).arrayBuffer();
}

const packed = { group: "4 MB that hardly compress" };
const bytes = npy.slice(0, 4 << 20);
Deno.bench("CompressionStream", { ...packed, baseline: true }, async () => {
  await deflate(bytes);
});
Deno.bench("loadNpz, deflated", packed, async () => {
  free(await loadNpz(deflated));
});
Deno.bench("saveNpzCompressed", packed, async () => {
  await saveNpzCompressed(part);
});

const models = { group: "three models of PyTorch, 76 KB" };
let last = 0;
Deno.bench("a plain loop over the bytes", { ...models, baseline: true }, () => {
  for (const byte of zoo) last ^= byte;
});
Deno.bench("loadTorch", models, () => {
  loadTorch(zoo);
});
