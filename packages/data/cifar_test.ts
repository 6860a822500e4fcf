import { loadCifar10, loadCifar100 } from "@fdunn/data";
import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";

const CLASSES10 = "airplane\nautomobile\nbird\n";

/** Records with these labels; pixel p of picture i is (i + p) % 251. */
function records(labels: number[][]): Uint8Array<ArrayBuffer> {
  const stride = labels[0]!.length + 3072;
  const bytes = new Uint8Array(labels.length * stride);
  labels.forEach((label, i) => {
    bytes.set(label, i * stride);
    for (let p = 0; p < 3072; p++) {
      bytes[i * stride + label.length + p] = (i + p) % 251;
    }
  });
  return bytes;
}

function cifar10(): Record<string, Uint8Array<ArrayBuffer>> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {
    "batches.meta.txt": new TextEncoder().encode(CLASSES10),
    "test_batch.bin": records([[2], [1]]),
  };
  for (let i = 1; i <= 5; i++) {
    files[`data_batch_${i}.bin`] = records([[i % 3], [0]]);
  }
  return files;
}

/** A tar archive, written field by field. */
function tar(
  folder: string,
  files: Record<string, Uint8Array>,
): Uint8Array<ArrayBuffer> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const blocks: number[] = [];
  for (const [name, bytes] of Object.entries(files)) {
    const header = new Uint8Array(512);
    header.set(encode(`${folder}/${name}`), 0);
    header.set(encode(bytes.length.toString(8).padStart(11, "0")), 124);
    header.set(encode("        0"), 148); // the sum's field, then the type
    header.set(encode("ustar"), 257);
    const sum = header.reduce((a, b) => a + b, 0);
    header.set(encode(sum.toString(8).padStart(6, "0") + "\0 "), 148);
    const padded = new Uint8Array(Math.ceil(bytes.length / 512) * 512);
    padded.set(bytes);
    blocks.push(...header, ...padded);
  }
  return Uint8Array.from([...blocks, ...new Uint8Array(1024)]);
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function write(folder: string, files: Record<string, Uint8Array>): void {
  Deno.mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) {
    Deno.writeFileSync(`${folder}/${name}`, bytes);
  }
}

Deno.test("loadCifar10() reads a folder, and the folder around it", async () => {
  using folder = scratchFolder("cifar");
  write(`${folder.path}/cifar-10-batches-bin`, cifar10());
  for (const path of [folder.path, `${folder.path}/cifar-10-batches-bin/`]) {
    const train = await loadCifar10("train", { path });
    assertEquals(train.length, 10);
    assertEquals(train.images.shape, [10, 3, 32, 32]);
    assertEquals([...train.labels.data()], [1, 0, 2, 0, 0, 0, 1, 0, 2, 0]);
    assertEquals(train.classes, ["airplane", "automobile", "bird"]);
    const pixels = train.images.select(0, 1).data();
    assertEquals([pixels[0], pixels[1024], pixels[3071]], [1, 21, 60]);
  }
  const test = await loadCifar10("test", { path: folder.path });
  assertEquals([...test.labels.data()], [2, 1]);
});

Deno.test("loadCifar10() reads the archive", async () => {
  using folder = scratchFolder("cifar");
  const path = `${folder.path}/cifar-10-binary.tar.gz`;
  const archive = tar("cifar-10-batches-bin", cifar10());
  Deno.writeFileSync(path, await gzip(archive));
  const train = await loadCifar10("train", { path });
  assertEquals(train.length, 10);
  assertEquals([...train.labels.data()], [1, 0, 2, 0, 0, 0, 1, 0, 2, 0]);
  // A download that broke off, unpacked and not.
  const plain = `${folder.path}/short.tar`;
  Deno.writeFileSync(plain, archive.subarray(0, 5000));
  await assertRejects(
    () => loadCifar10("test", { path: plain }),
    RangeError,
    "short.tar is truncated",
  );
  const packed = Deno.readFileSync(path);
  Deno.writeFileSync(path, packed.subarray(0, packed.length - 100));
  await assertRejects(
    () => loadCifar10("test", { path }),
    RangeError,
    "not a whole gzip file",
  );
  Deno.writeFileSync(plain, new Uint8Array(2048).fill(7));
  await assertRejects(
    () => loadCifar10("test", { path: plain }),
    RangeError,
    "no header of a tar archive at byte 0",
  );
});

Deno.test("loadCifar100() has fine and coarse classes", async () => {
  using folder = scratchFolder("cifar");
  const names = (count: number) =>
    new TextEncoder().encode(
      Array.from({ length: count }, (_, i) => `c${i}`).join("\n"),
    );
  write(folder.path, {
    "train.bin": records([[3, 70], [19, 99]]),
    "fine_label_names.txt": names(100),
    "coarse_label_names.txt": names(20),
  });
  const { path } = folder;
  const fine = await loadCifar100("train", { path });
  assertEquals([...fine.labels.data()], [70, 99]);
  const coarse = await loadCifar100("train", { path, labels: "coarse" });
  assertEquals([...coarse.labels.data()], [3, 19]);
});

Deno.test("loadCifar10() says what is missing and where to get it", async () => {
  using folder = scratchFolder("cifar");
  const { message } = await assertRejects(
    () => loadCifar10("train", { path: folder.path }),
    Error,
  );
  assertStringIncludes(message, "needs data_batch_1.bin");
  assertStringIncludes(message, "cifar-10-binary.tar.gz");
  assertStringIncludes(message, "https://www.cs.toronto.edu/~kriz");
  await assertRejects(
    () => loadCifar10("train", { path: `${folder.path}/no.tar.gz` }),
    Error,
    "needs cifar-10-binary.tar.gz",
  );
});

Deno.test("loadCifar10() refuses truncated files and labels without a class", async () => {
  using folder = scratchFolder("cifar");
  const { path } = folder;
  write(path, { ...cifar10(), "test_batch.bin": new Uint8Array(5000) });
  await assertRejects(
    () => loadCifar10("test", { path }),
    RangeError,
    "test_batch.bin has 5000 bytes, expected records of 3073",
  );
  write(path, { "test_batch.bin": records([[1], [3]]) });
  await assertRejects(
    () => loadCifar10("test", { path }),
    RangeError,
    "CIFAR-10 has label 3 at position 1",
  );
});
