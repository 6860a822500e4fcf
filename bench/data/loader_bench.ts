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

const pictureLoader = new DataLoader(mnist, shuffled);
const pointLoader = new DataLoader(points, shuffled);
const itemLoader = new DataLoader(
  { length: 6000, get: (index: number) => points.get(index) },
  shuffled,
);

Deno.bench("an epoch of MNIST, batches of 16", {
  group: "28x28 pictures, 3750 batches",
  baseline: true,
}, () => epoch(pictureLoader));

Deno.bench("an epoch of MNIST, batches of 16, for await", {
  group: "28x28 pictures, 3750 batches",
}, async () => await epochAwaited(pictureLoader));

Deno.bench("an epoch of 2-D points, batches of 16", {
  group: "points",
  baseline: true,
}, () => epoch(pointLoader));

Deno.bench("a tenth of it, item by item through collate", {
  group: "points",
}, () => epoch(itemLoader));
