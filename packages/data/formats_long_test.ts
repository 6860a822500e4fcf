import { formatFile, fuzz } from "@fdunn/testing";
import { arange, Tensor, zeros } from "@fdunn/tensor";
import { loadNpy, saveNpy } from "./npy.ts";
import { loadNpz, saveNpz, saveNpzCompressed } from "./npz.ts";
import { loadTorch } from "./torch.ts";
import { readZip, unpackedBytes } from "./zip.ts";
import { type ZipFile, zipStored } from "./zip_writer.ts";

const MAX_BYTES = 1 << 16;

/** The bytes of all tensors in a nest of containers. */
function tensorBytes(value: unknown, seen = new Set<unknown>()): number {
  if (typeof value !== "object" || value === null || seen.has(value)) return 0;
  seen.add(value);
  if (value instanceof Tensor) return value.data().byteLength;
  return Object.values(value)
    .reduce((sum: number, part) => sum + tensorBytes(part, seen), 0);
}

/** The files of archives, unpacked once. */
async function unpacked(
  archives: readonly Uint8Array[],
): Promise<Map<Uint8Array, ZipFile[]>> {
  const found = new Map<Uint8Array, ZipFile[]>();
  for (const archive of archives) {
    const files = [];
    for (const [path, entry] of readZip(archive, "seed")) {
      files.push({ path, bytes: new Uint8Array(await unpackedBytes(entry)) });
    }
    found.set(archive, files);
  }
  return found;
}

/** The archive with one file changed; its checksum is right again. */
function inFile(
  files: readonly ZipFile[],
  index: number,
  change: (part: Uint8Array) => Uint8Array,
): Uint8Array {
  return zipStored(files.map(({ path, bytes }, i) => ({
    path,
    bytes: i === index ? new Uint8Array(change(bytes)) : bytes,
  })));
}

const HEADERS = [
  ...["{", "}", "(", ")", "[", "]", ",", ":", "'", '"', "L", "\n", "\0"],
  ...["'descr': '<f8', ", "'fortran_order': True, ", "'shape': (2, 3), "],
  ...["<f4", ">i8", "|O", "|b1", "<f2", ">u2", "<U9", "=f4", "True", "False"],
];

const ARCHIVES = ["PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06"];

Deno.test("100,000 changed .npy files are read or refused in a sentence", async () => {
  const columns = saveNpy(arange(6).reshape([2, 3]));
  const at = new TextDecoder("latin1").decode(columns).indexOf("False");
  columns.set(new TextEncoder().encode("True "), at);
  await fuzz({
    seeds: [
      ...[1, 2, 3].map((version) => formatFile(`version${version}.npy`)),
      ...[columns, saveNpy(zeros([0, 3])), saveNpy(zeros([]))],
    ],
    tokens: [...HEADERS, "\x93NUMPY\x02\0"],
    inside: (file, _, change) => {
      const wide = file[6] === 1 ? 0 : 2;
      const view = new DataView(file.buffer);
      const end = 10 + wide + view.getUint16(8, true);
      const header = change(file.slice(10 + wide, end));
      const result = new Uint8Array(
        10 + wide + header.length + file.length - end,
      );
      result.set(file.subarray(0, 10 + wide));
      new DataView(result.buffer).setUint16(8, header.length, true);
      result.set(header, 10 + wide);
      result.set(file.subarray(end), 10 + wide + header.length);
      return result;
    },
    read: (file) => tensorBytes(loadNpy(file)),
    sentences: /^(The \.npy file |uint64 \d+ at position )/,
    maxBytes: MAX_BYTES,
  });
});

Deno.test("100,000 changed .npz files are read or refused in a sentence", async () => {
  const tensors = { x: arange(6).reshape([2, 3]), y: zeros([40]) };
  const seeds = [
    saveNpz(tensors),
    await saveNpzCompressed(tensors),
    formatFile("streamed.npz"),
    formatFile("special.npz"),
  ];
  const files = await unpacked(seeds);
  await fuzz({
    seeds,
    tokens: [...HEADERS, ...ARCHIVES, "x.npy", "../", "__proto__.npy"],
    inside: (archive, draw, change) => {
      const parts = files.get(archive)!;
      return inFile(parts, draw(parts.length), change);
    },
    read: async (file) =>
      tensorBytes(await loadNpz(file, { maxBytes: MAX_BYTES })),
    sentences: /^(The \.npz file|loadNpz\(\) got a file|uint64 \d+ at )/,
    maxBytes: MAX_BYTES,
  });
});

Deno.test("100,000 changed .pt files are read or refused in a sentence", async () => {
  const seeds = ["linear.pt", "linear.pth", "views.pt", "checkpoint.pt"]
    .concat("checkpoint4.pt", "types.pt")
    .map(formatFile);
  const files = await unpacked(seeds);
  await fuzz({
    seeds,
    tokens: [
      ...["]", "}", ")", "(", "t", "\x85", "\x86", "\x87", "R", "Q", "b", "."],
      ...["N", "\x88", "q\0", "h\0", "h\x01", "\x94", "0", "a", "e", "s", "u"],
      ...[
        "K\0",
        "K\x01",
        "M\xff\xff",
        "J\xff\xff\xff\x7f",
        "J\xff\xff\xff\xff",
      ],
      ...["\x8a\x08\0\0\0\0\0\0\0\x7f", "\x8b\xff\xff\xff\x7f", "G\x7f\xf8"],
      ...["X\x04\0\0\0data", "X\xff\xff\xff\xff", "\x8c\x011", "\x93", "\x8f"],
      ...["ctorch\nSize\n", "ctorch._utils\n_rebuild_tensor_v2\n"],
      ...["ctorch\nHalfStorage\n", "ctorch.storage\nUntypedStorage\n"],
      ...["ctorch._tensor\n_rebuild_from_type_v2\n", "cposix\nsystem\n"],
      ...["ccollections\nOrderedDict\n", "big", ...ARCHIVES],
    ],
    inside: (archive, draw, change) => {
      const parts = files.get(archive)!;
      const pickle = parts.findIndex(({ path }) => path.endsWith("/data.pkl"));
      const index = draw(4) === 0 ? draw(parts.length) : pickle;
      return inFile(parts, index, change);
    },
    read: (file) => tensorBytes(loadTorch(file, { maxBytes: MAX_BYTES })),
    sentences: /^(The PyTorch file|uint64 \d+ at position )/,
    maxBytes: 2 * MAX_BYTES, // 16-bit integers become int32
  });
});
