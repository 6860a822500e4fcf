import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { readZip, storedBytes, unpackedBytes } from "./zip.ts";
import { zipDeflated, zipStored } from "./zip_writer.ts";

const text = (value: string) => new TextEncoder().encode(value);

const FILES = [
  { path: "a.txt", bytes: text("some text") },
  { path: "folder/ö", bytes: new Uint8Array(1000) },
  { path: "empty", bytes: new Uint8Array(0) },
];

/** Where a little-endian signature stands in an archive for the nth time. */
function find(bytes: Uint8Array, signature: number, nth = 0): number {
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (view.getUint32(at, true) === signature && nth-- === 0) return at;
  }
  throw new Error("The archive has no such signature");
}

const [LOCAL, CENTRAL, END] = [0x04034b50, 0x02014b50, 0x06054b50];

/** A copy in which a field behind a signature has another value. */
function edited(
  bytes: Uint8Array,
  [signature, nth]: [number, number],
  [field, width, value]: [number, 2 | 4, number],
): Uint8Array {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  const at = find(copy, signature, nth) + field;
  if (width === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return copy;
}

async function unpackAll(bytes: Uint8Array): Promise<void> {
  for (const entry of readZip(bytes, "z").values()) await unpackedBytes(entry);
}

async function refuse(bytes: Uint8Array, message: string): Promise<void> {
  await assertRejects(() => unpackAll(bytes), RangeError, message);
}

Deno.test("archives survive, stored and deflated", async () => {
  const archives = [zipStored(FILES), await zipDeflated(FILES)];
  for (const bytes of archives) {
    const padded = new Uint8Array(bytes.length + 7);
    padded.set(bytes, 7);
    for (const source of [bytes, padded.subarray(7)]) {
      const entries = readZip(source, "z");
      assertEquals([...entries.keys()], FILES.map(({ path }) => path));
      for (const { path, bytes } of FILES) {
        assertEquals(await unpackedBytes(entries.get(path)!), bytes);
      }
    }
  }
  assert(archives[1]!.length < archives[0]!.length - 900);
  assertEquals(readZip(zipStored([]), "z").size, 0);
  const deflated = readZip(archives[1]!, "z").get("a.txt")!;
  assertThrows(
    () => storedBytes(deflated),
    RangeError,
    "z: a.txt cannot be read: it is compressed by method 8",
  );
});

Deno.test("a comment behind the archive may hold anything", () => {
  const bytes = zipStored(FILES);
  const comment = zipStored([]).slice(0, 21);
  const longer = new Uint8Array(bytes.length + comment.length);
  longer.set(bytes);
  longer.set(comment, bytes.length);
  const view = new DataView(longer.buffer);
  view.setUint16(bytes.length - 2, comment.length, true);
  assertEquals(readZip(longer, "z").size, 3);
});

Deno.test("an archive with 64-bit fields is read", async () => {
  const path = text("x");
  const data = text("data");
  const stored = zipStored([{ path: "x", bytes: data }]);
  const central = find(stored, CENTRAL);
  const end = find(stored, END);
  const extra = 4 + 24;
  const bytes = new Uint8Array(stored.length + extra + 56 + 20);
  const view = new DataView(bytes.buffer);
  bytes.set(stored.subarray(0, end));
  for (const field of [20, 24, 42]) {
    view.setUint32(central + field, 0xffffffff, true);
  }
  view.setUint16(central + 30, extra, true);
  let at = central + 46 + path.length;
  view.setUint16(at, 1, true);
  view.setUint16(at + 2, 24, true);
  view.setBigUint64(at + 4, 4n, true);
  view.setBigUint64(at + 12, 4n, true);
  view.setBigUint64(at + 20, 0n, true);
  at += extra;
  const wide = at;
  view.setUint32(at, 0x06064b50, true);
  view.setBigUint64(at + 4, 44n, true);
  view.setBigUint64(at + 24, 1n, true);
  view.setBigUint64(at + 32, 1n, true);
  view.setBigUint64(at + 40, BigInt(wide - central), true);
  view.setBigUint64(at + 48, BigInt(central), true);
  at += 56;
  view.setUint32(at, 0x07064b50, true);
  view.setBigUint64(at + 8, BigInt(wide), true);
  view.setUint32(at + 16, 1, true);
  at += 20;
  bytes.set(stored.subarray(end), at);
  for (const field of [8, 10]) view.setUint16(at + field, 0xffff, true);
  for (const field of [12, 16]) view.setUint32(at + field, 0xffffffff, true);
  const entry = readZip(bytes, "z").get("x")!;
  assertEquals(await unpackedBytes(entry), data);

  const high = bytes.slice();
  new DataView(high.buffer).setBigUint64(wide + 48, 2n ** 64n - 1n, true);
  await refuse(
    high,
    "z cannot be read: its directory lies at 18446744073709552000",
  );
  const far = bytes.slice();
  new DataView(far.buffer).setBigUint64(central + 67, 2n ** 63n, true);
  await refuse(
    far,
    "z: x cannot be read: it has no header at byte 9223372036854776000",
  );
  const huge = bytes.slice();
  new DataView(huge.buffer).setBigUint64(central + 59, 2n ** 63n, true);
  await refuse(huge, "z: x cannot be read: it ends at 9223372036854776000");
  const short = bytes.slice();
  new DataView(short.buffer).setUint16(central + 49, 8, true);
  await refuse(short, "z: x cannot be read: its zip64 field is short");
  const nowhere = bytes.slice();
  new DataView(nowhere.buffer).setBigUint64(wide + 64, 2n ** 60n, true);
  await refuse(nowhere, "z cannot be read: its zip64 record is missing");
});

Deno.test("archives that are cut off are refused", async () => {
  const bytes = await zipDeflated(FILES);
  for (let length = 0; length < bytes.length; length++) {
    await assertRejects(
      () => unpackAll(bytes.subarray(0, length)),
      RangeError,
      "cannot be read",
      `${length} bytes`,
    );
  }
});

Deno.test("archives that contradict themselves are refused", async () => {
  const stored = zipStored(FILES);
  const cases: [[number, number], [number, 2 | 4, number], string][] = [
    [[END, 0], [10, 2, 2], "its directory of 2 files ends early"],
    [[END, 0], [10, 2, 4], "record 3 of its directory is cut off"],
    [[END, 0], [16, 4, 0], "its directory lies at 0 to"],
    [[CENTRAL, 0], [8, 2, 1], "z: a.txt cannot be read: it is encrypted"],
    [[CENTRAL, 0], [10, 2, 14], "it is compressed by method 14"],
    [[CENTRAL, 0], [16, 4, 7], "its checksum is 1337638330, expected 7"],
    [[CENTRAL, 0], [20, 4, 8], "it has 8 bytes, expected 9"],
    [[CENTRAL, 0], [24, 4, 8], "it has 9 bytes, expected 8"],
    [[CENTRAL, 0], [28, 2, 4], "record 1 of its directory is cut off"],
    [[CENTRAL, 0], [42, 4, 1], "it has no header at byte 1"],
    [[CENTRAL, 1], [20, 4, 5000], "z: folder/ö cannot be read: it ends at"],
    [[CENTRAL, 1], [42, 4, 0], "its header has another name"],
    [[CENTRAL, 0], [20, 4, 100], "it overlaps the file before it"],
    [[LOCAL, 0], [26, 2, 4], "its header has another name"],
    [[LOCAL, 2], [28, 2, 60000], "it ends at"],
  ];
  for (const [place, change, message] of cases) {
    await refuse(edited(stored, place, change), message);
  }
  const twice = zipStored([FILES[0]!, FILES[0]!]);
  await refuse(twice, "z: a.txt cannot be read: it is there twice");
  // Two records for one file: the kernel of a bomb without nesting.
  const two = zipStored([FILES[0]!, { path: "b.txt", bytes: FILES[0]!.bytes }]);
  const overlapping = edited(two, [CENTRAL, 1], [42, 4, 0]);
  overlapping[find(overlapping, CENTRAL, 1) + 46] = 0x61;
  await refuse(overlapping, "it overlaps the file before it");
});

Deno.test("what inflates to another size is refused without inflating it", async () => {
  const bomb = await zipDeflated([
    { path: "x", bytes: new Uint8Array(50_000_000) },
  ]);
  await refuse(
    edited(bomb, [CENTRAL, 0], [24, 4, 1000]),
    "z: x cannot be read: it inflates to more than the 1000 bytes it claims",
  );
  await refuse(
    edited(bomb, [CENTRAL, 0], [24, 4, 50_000_001]),
    "it has 50000000 bytes, expected 50000001",
  );
  await refuse(
    edited(bomb, [CENTRAL, 0], [24, 4, 0xfffffffe]),
    "bytes cannot inflate to 4294967294",
  );
  const broken = await zipDeflated(FILES);
  broken[36] = 0xff;
  await refuse(broken, "z: a.txt cannot be read: it cannot be inflated");
});
