import { assert, assertEquals, assertThrows } from "@std/assert";
import { packed as packedModules, sizes } from "./lib/modules.ts";
import { unpack } from "./lib/unpack.ts";
import { Unpacker } from "./unpack.ts";

/** Reproducible bytes. */
function noise(n: number, seed: number): Uint8Array<ArrayBuffer> {
  let state = seed;
  return Uint8Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

const WORDS = ["let ", "const ", "x = ", "y ", "+ ", "f(x) ", ";\n"];
const encode = (text: string) => new TextEncoder().encode(text);

/** What `xz --format=raw --lzma1=preset=9e,lc=0,lp=0,pb=0` made of bytes. */
const STREAMS: {
  name: string;
  parts: Uint8Array<ArrayBuffer>[];
  packed: string;
}[] = [
  {
    name: "nothing",
    parts: [],
    packed: "AIP/+///wAAAAA==",
  },
  {
    name: "one byte",
    parts: [Uint8Array.of(200)],
    packed: "AGRD6////+EAAAA=",
  },
  {
    name: "noise",
    parts: [noise(40, 1)],
    packed:
      "AB4ZVPD1xen34JTwvRwfuqS+uK84A/9o2korujKv7+7kQsB/FHylcIv5Hod+rEX//9" +
      "12AAA=",
  },
  {
    name: "zeros",
    parts: [new Uint8Array(100_000)],
    packed:
      "AABwff3/rpChQBO9UzadtBhja6HucffmjXt9ZfnWMX0gmDAI0KpjdFkPpSvJ6t3ieQ" +
      "h83qiaWFUhpNF0rYlWnRfP//9gVAAA",
  },
  {
    name: "the same far away",
    parts: [noise(20, 2), new Uint8Array(3_000_000), noise(20, 2)],
    packed:
      "AB4fNZOv2YoVr74U3ttDPk1fpVS11BPjtEp+Y+Jmjsz73eDq1KYeq7l5P22l15DwRr" +
      "riwmIUcKD6QtNgW1677ZRdePdoJPVZtblDz4ut/PtSK3TNHlsgQvndUz34KWQJO4DL" +
      "KmzftTvwxL0uX6oPPktmQpATDv8Qk/hxeFn4C83/lShGD6n8fN77mjAuVsCPhfODgc" +
      "BlxCVT+PWRNjEFpbDub8FwTUcM0ZERqq1gHbrOsScYXFmG6WZSWL7pdqxZ5OVbBQj5" +
      "x9qt/PtSK3TNHlsgQvndUz34KWQJO4DLKmzftTvwxL0uX6oPPktmQpATDv8Qk/hxeF" +
      "n4C83/lShGD6n8fN77mjAuVsCPhfODgcBlxCVT+PWRNjEFpbDub8FwTUcM0ZERqq1g" +
      "HbrOsScYXFmG6WZSWL7pdqxZ5OVbBQj5x9qt/PtSK3TNHlsgQvndUz34KWQJO4DLKm" +
      "zftTvwxL0uX6oPPktmQpATDv8Qk/hxeFn4C83/lShGD6n8fN77mjAuVsCPhfODgcBl" +
      "xCVT+PWRNjEFpbDub8FwTUcM0ZERqq1gHbrOsScYXFmG6WZSWL7pdqxZ5OVbBQj5x9" +
      "qt/PtSK3TNHlsgQvndUz34KWQJO4DLKmzftTvwxL0uX6oPPktmQpATDv8Qk/hniesX" +
      "wNGm1Y4T//+xj0AA",
  },
  {
    name: "records",
    parts: Array.from({ length: 60 }, (_, i) => [
      ...[i, i >> 3, 7, 0, i % 5],
      ...noise(i % 7 === 0 ? 1 : 0, i),
      ...[1, 2, 3],
    ]).map((record) => Uint8Array.from(record)),
    packed:
      "AABhG4wLvB+J0Y/EL/uVwrzv/23/V2Cy+YmIjb9Pg0oAJcCC174pUtml8bkEd+jrRJ" +
      "GHnVpl77AMZCU0QT3d3ECMN9Kw5Mkzn37XKzMkbsk+MNQRZDD8eGf/DqUSvfc4Q21i" +
      "sKjFzmsm8hMRyW85I1RseNSIK8MTpwAZ8bhBRTv1Z3ZO4KQbwDbgK6ifVLzwyRO1aG" +
      "DDQljbvGPYiOUDib1bqyWktMLqv//S1YAA",
  },
  {
    name: "words",
    parts: Array.from(noise(150, 5), (word) => encode(WORDS[word % 7]!)),
    packed:
      "ABWIjF93Rdd9XjasJihKis3HBCdNLa48G/DtXSixW7aGB7Cc6E/3Y1o6+IMgm/p9vQ" +
      "clCEya2wVZ1hdSHt3fPKYRacXvpXb8wb+20sU7dQeMAJOjGnQ66NusPe6o1FLaONMW" +
      "tRAPKQWpiX8T+WfAxrsc/8K5u6xxU0ZMpvRaxc1j3DJgTvruvsOtF7k1QyeedLst3I" +
      "ivDRH/yIQorA==",
  },
];

interface Sample {
  bytes: Uint8Array;
  packed: Uint8Array;
}

const samples: Sample[] = await Promise.all(
  STREAMS.map(async ({ parts, packed }) => ({
    bytes: await new Blob(parts).bytes(),
    packed: Uint8Array.fromBase64(packed),
  })),
);

for (const [i, { name }] of STREAMS.entries()) {
  Deno.test(`Unpacker gives back what xz has packed: ${name}`, () => {
    const { bytes, packed } = samples[i]!;
    // Inside of a larger buffer, followed by something else.
    const wide = new Uint8Array(packed.length + 20).fill(0xff);
    wide.set(packed, 10);
    const unpacker = new Unpacker(wide.subarray(10), bytes.length);
    assertEquals(unpacker.take(bytes.length), bytes);
  });
}

Deno.test("Unpacker gives parts, and those do not change later", () => {
  for (const { bytes, packed } of samples.slice(2)) {
    const unpacker = new Unpacker(packed, bytes.length);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let [from, n] = [0, 1];
    while (from < bytes.length) {
      n = Math.min(3 * n, bytes.length - from);
      const part = unpacker.take(n);
      assertEquals(part, bytes.slice(from, from + n));
      from += n;
      part.fill(0xee);
      parts.push(part);
    }
    assert(parts.every((part) => part.every((byte) => byte === 0xee)));
  }
});

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return new Uint8Array(digest).toHex();
}

const generated = (name: string) =>
  Deno.readTextFile(new URL(`./lib/${name}`, import.meta.url));

Deno.test("the modules are the bytes whose sha256 their files name", async () => {
  const text = await generated("modules.ts");
  const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const source = Uint8Array.fromBase64(packedModules);
  const unpacker = new Unpacker(source, all);
  for (const [name, size] of Object.entries(sizes)) {
    const bytes = unpacker.takeModule(size), hash = await sha256(bytes);
    const said = ` * ${name}: ${bytes.length} bytes, sha256 ${hash}\n`;
    assert(text.includes(said), name);
  }
  const hash = await sha256(Uint8Array.fromBase64(unpack));
  assert((await generated("unpack.ts")).includes(` * sha256: ${hash}\n`));
});

Deno.test("Unpacker refuses a stream cut anywhere", () => {
  for (const { bytes, packed } of samples) {
    if (bytes.length > 200_000) continue;
    for (let n = 0; n < packed.length; n++) {
      const cut = packed.subarray(0, n);
      assertThrows(
        () => new Unpacker(cut, bytes.length).take(bytes.length),
        Error,
        "The packed kernels are damaged",
      );
    }
  }
});

Deno.test("Unpacker refuses a stream of another size", () => {
  for (const { bytes, packed } of samples) {
    const longer = bytes.length + 1;
    assertThrows(
      () => new Unpacker(packed, longer).take(longer),
      Error,
      "The packed kernels are damaged",
    );
    if (bytes.length === 0) continue;
    const shorter = bytes.length - 1;
    assertThrows(
      () => new Unpacker(packed, shorter).take(shorter),
      Error,
      "The packed kernels are damaged",
    );
  }
});

Deno.test("Unpacker refuses a stream with a bit flipped", () => {
  for (const { bytes, packed } of samples) {
    if (bytes.length > 200_000) continue;
    // The first byte says nothing, and while all chances are even the next two
    // stand for other bytes.
    for (let i = 24; i < 8 * packed.length; i++) {
      const damaged = packed.slice();
      damaged[i >> 3]! ^= 1 << (i & 7);
      assertThrows(
        () => new Unpacker(damaged, bytes.length).take(bytes.length),
        Error,
        "The packed kernels are damaged",
      );
    }
  }
});

Deno.test("Unpacker weaves a module of its streams", () => {
  const sixteen = Array.from({ length: 16 }, (_, i) => 0x20 + i);
  // All kinds of what may follow an instruction.
  const all = [
    // Locals: 200 of i32 and 3 of v128; near ones, and one of two bytes.
    ...[2, 200, 1, 0x7f, 3, 0x7b],
    ...[0x20, 199, 1, 0x21, 5, 0x22, 199, 1, 0x20, 0, 0x20, 5],
    // Blocks, branches, a table of them; calls.
    ...[0x02, 0x40, 0x03, 0x7f, 0x04, 0x40, 0x0c, 0, 0x0d, 1, 0x05, 0x0b],
    ...[0x0e, 2, 0, 1, 130, 1, 0x0f, 0x10, 129, 2, 0x11, 3, 0],
    // Globals and memory.
    ...[0x23, 0, 0x24, 1, 0x28, 2, 0x84, 8, 0x36, 2, 0x20, 0x3f, 0, 0x40, 0],
    // Numbers, one of which ends like a local's instruction.
    ...[0x41, 0xc0, 0xbb, 0x78, 0x42, 0x20, 0x43, 1, 2, 3, 0x20],
    ...[0x44, 8, 7, 6, 5, 4, 3, 2, 0x21],
    // Truncation that saturates, memory.copy, memory.fill.
    ...[0xfc, 2, 0xfc, 10, 0, 0, 0xfc, 11, 0, 0x6a, 0x1a],
    // Vectors: loads, constants, lanes, arithmetic.
    ...[0xfd, 0, 4, 0x90, 1, 0xfd, 92, 2, 0x20],
    ...[0xfd, 12, ...sixteen, 0xfd, 13, ...sixteen],
    ...[0xfd, 31, 3, 0xfd, 86, 2, 0x22, 1, 0xfd, 0xe4, 1, 0xfd, 0x85, 2],
    0x0b,
  ];
  const small = [0, 0x20, 1, 0x20, 1, 0x20, 0, 0x6a, 0x0b];
  const size = (n: number) => n < 128 ? [n] : [n & 127 | 128, n >> 7];
  const code = [2, ...size(all.length), ...all, small.length, ...small];
  const module = [
    ...[0, 97, 115, 109, 1, 0, 0, 0, 3, 3, 2, 0, 0],
    ...[10, ...size(code.length), ...code, 0, 2, 1, 0x20],
  ];
  // takeApart() of scripts/streams.ts, then xz.
  const source = Uint8Array.fromBase64(
    "ADyAMlU0pNNyT72zXqlvQU1eWfXbfeR0BAKsoUx2V2EpOofECpq/WAmypzGwBMGeSKEbWtt" +
      "zoz7lxbbbd2Qt/RZ8I4J+1xxxzNi+jI+l/nV2rD7cDVU9Dp3wFKoY6lUSCDjqE7kQsKSGmf" +
      "J0EMXpkve8FneExlk3AzOyAI+mBptyRkNZsHiF56jaWtkfISzN7cV/FRPrEAsYXxyfICn5Z" +
      "nWA",
  );
  const unpacker = new Unpacker(source, 193);
  assertEquals([...unpacker.takeModule(193)], module);
});

Deno.test("Unpacker has no more bytes than it was told", () => {
  const { packed } = samples[2]!;
  const unpacker = new Unpacker(packed, 40);
  unpacker.take(30);
  assertThrows(() => unpacker.take(11), Error, "damaged");
});
