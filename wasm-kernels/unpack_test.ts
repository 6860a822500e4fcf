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
    const hash = await sha256(unpacker.takeModule(size));
    assert(text.includes(` * ${name}: ${size} bytes, sha256 ${hash}\n`), name);
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

Deno.test("Unpacker puts back the operands of a module", () => {
  const cases: [packed: string, whole: number[]][] = [
    ["AIP/+///wAAAAA==", []],
    ["AACAooKFukH/8yFAAA==", [1, 2, 3]],
    ["ABAB/QrD///wC8AA", [0x20, 7]],
    ["ABAI4wjjnljWiQXg//32EAA=", [0x20, 7, 0x21, 8, 0x6a, 0x22, 9]],
    ["ABAARUQtG8JIb9f/+v1gAA==", [0x20, 0x20, 1, 0x21, 0x22, 2]],
    ["AA+J2WaxtZD/9iwAAA==", [0x1f, 0x23, 0x20]],
  ];
  for (const [packed, whole] of cases) {
    const source = Uint8Array.fromBase64(packed);
    const unpacker = new Unpacker(source, whole.length);
    assertEquals([...unpacker.takeModule(whole.length)], whole);
  }
});

Deno.test("Unpacker has no more bytes than it was told", () => {
  const { packed } = samples[2]!;
  const unpacker = new Unpacker(packed, 40);
  unpacker.take(30);
  assertThrows(() => unpacker.take(11), Error, "damaged");
});
