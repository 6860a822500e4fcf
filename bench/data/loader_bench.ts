/**
 * What a batch costs: epochs of a data set of MNIST's size and form, so that
 * no file is read. Divide by the 3750 batches of an epoch.
 */
import { DataLoader, ImageDataset, TensorDataset } from "@fdunn/data";
import { rand, randint, type Tensor, zeros } from "@fdunn/tensor";

const N = 60000;
const classes = Array.from("0123456789");
const pictures = zeros([N, 1, 28, 28], { dtype: "uint8" });
const mnist = new ImageDataset(pictures, randint(0, 10, [N]), classes);
const points = new TensorDataset(rand([N, 2]), randint(0, 2, [N]));
const shuffled = { batchSize: 16, shuffle: true, seed: 0 };

/** One epoch; the batches are freed, as a training loop's graph would be. */
function epoch(loader: Iterable<[Tensor, Tensor]>): void {
  for (const [x, y] of loader) {
    x.dispose();
    y.dispose();
  }
}

async function epochAwaited(
  loader: AsyncIterable<[Tensor, Tensor]>,
): Promise<void> {
  for await (const [x, y] of loader) {
    x.dispose();
    y.dispose();
  }
}

/** Rows in a random order, sixteen at a time, as float32: in plain loops. */
function plainEpoch(data: Uint8Array | Float32Array, row: number): () => void {
  const order = Int32Array.from({ length: N }, (_, i) => i);
  return () => {
    for (let i = N - 1; i > 0; i--) {
      const j = Math.floor(Math.random() * (i + 1));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    for (let first = 0; first < N; first += 16) {
      const batch = new Float32Array(16 * row);
      for (let i = 0; i < 16; i++) {
        const from = order[first + i]! * row;
        for (let k = 0; k < row; k++) batch[i * row + k] = data[from + k]!;
      }
    }
  };
}

const pictureLoader = new DataLoader(mnist, shuffled);
const pointLoader = new DataLoader(points, shuffled);
const itemLoader = new DataLoader(
  { length: 6000, get: (index: number) => points.get(index) },
  shuffled,
);

Deno.bench("an epoch of MNIST in plain loops", {
  group: "28x28 pictures, 3750 batches",
  baseline: true,
}, plainEpoch(new Uint8Array(N * 784), 784));

Deno.bench("an epoch of MNIST, batches of 16", {
  group: "28x28 pictures, 3750 batches",
}, () => epoch(pictureLoader));

Deno.bench("an epoch of MNIST, batches of 16, for await", {
  group: "28x28 pictures, 3750 batches",
}, async () => await epochAwaited(pictureLoader));

Deno.bench("an epoch of 2-D points in plain loops", {
  group: "points",
  baseline: true,
}, plainEpoch(new Float32Array(2 * N), 2));

Deno.bench("an epoch of 2-D points, batches of 16", {
  group: "points",
}, () => epoch(pointLoader));

Deno.bench("a tenth of it, item by item through collate", {
  group: "points",
}, () => epoch(itemLoader));
