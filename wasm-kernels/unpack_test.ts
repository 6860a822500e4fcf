import { assert, assertEquals, assertThrows } from "@std/assert";
import { packed as packedModules, sizes } from "./lib/modules.ts";
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

/** What `xz --format=raw --lzma1=preset=9e,lc=3,lp=0,pb=0` made of bytes. */
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
      "AB4YSbRWRKF5LV582EpDn+XKQRXui2F00Atv+N4aNKWdE5vDCmkQjCnWefDazXn//5" +
      "jOAAA=",
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
      "AB4eLJ++GKP/0p+ENZtrXfdnDA9FyaNkrvLQMg1QNejw9/ANn0I2V+xR9msBVYRCzK" +
      "qpNvwbEvHjTouzKqhHlWhnSwzovZWQMSpj4J7KiD9fMfvIT+gTPbfjgLojqPgGi9n1" +
      "f9YNGz99d6uDFCFu0dV68z4UU2J2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZA" +
      "k7gMsqbN+1O/DEvS5fqg8+S2ZCkBMO/xCT+HF4WfgLzf+VKEYPqfx83vuaMC5WwI+F" +
      "84OBwGXEJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnk5V" +
      "sFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7gMsqbN+1O/DEvS5fqg8+S2ZCkBMO/xCT" +
      "+HF4WfgLzf+VKEYPqfx83vuaMC5WwI+F84OBwGXEJVP49ZE2MQWlsO5vwXBNRwzRkR" +
      "GqrWAdus6xJxhcWYbpZlJYvul2rFnk5VsFCPnH2q38+1IrdM0eWyBC+d1TPfgpZAk7" +
      "gMsqbN+1O/DEvS5fqg8+S2ZCkBMO/xCT+HF4WfgLzf+VKEYPqfx83vuaMC5WwI+F84" +
      "OBwGXEJVP49ZE2MQWlsO5vwXBNRwzRkRGqrWAdus6xJxhcWYbpZlJYvul2rFnWi6RE" +
      "y9ocyQA3//+OpjAA",
  },
  {
    name: "records",
    parts: Array.from({ length: 60 }, (_, i) => [
      ...[i, i >> 3, 7, 0, i % 5],
      ...noise(i % 7 === 0 ? 1 : 0, i),
      ...[1, 2, 3],
    ]).map((record) => Uint8Array.from(record)),
    packed:
      "AABhG4wLvBsLptSF2bH/qToYx8svmR9D2nOSXXfzZl1QXQnwELis10M80bv2oTmtB0" +
      "7QNCNSSyJhgiqOgAB3gG5QyzO2eaPQXen/CtsVp4VsaYIFUL+CbnakX3lJ9nkNCHaZ" +
      "p/mDkMo80Km/P46G99POuSOI8DyO88Bif9Ko+6C613KDzspnC04I70pqRjSflAI0qI" +
      "jayP+14l37q4trN0Z+2pjYHhGobuEf/y5cAAA=",
  },
  {
    name: "words",
    parts: Array.from(noise(150, 5), (word) => encode(WORDS[word % 7]!)),
    packed:
      "ABWISoUWqaYe4m7BM11SJg1uPpuzZQfnmILm4fDZNHyz+lNp2T4wQE2CYzRMCX83Bn" +
      "o9gi6JhChm1qZWp1uf/yTw3i39QGDH/lIlWCH+satrlk+7l5ecMgIQC3nuElubNBG8" +
      "NKeuHjybj+1bezAdK9VvfXqUB+G87JP0DTpJFL9tGtvW457aXsK6Ctnc0C/h3YCmvB" +
      "VSPRLz/2kCTQA=",
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

Deno.test("the modules are the bytes whose sha256 their file names", async () => {
  const { pathname } = new URL("./lib/modules.ts", import.meta.url);
  const text = await Deno.readTextFile(pathname);
  const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const source = Uint8Array.fromBase64(packedModules);
  const unpacker = new Unpacker(source, all);
  for (const [name, size] of Object.entries(sizes)) {
    const bytes = unpacker.take(size);
    const digest = await crypto.subtle.digest("SHA-256", bytes);
    const hash = new Uint8Array(digest).toHex();
    assert(text.includes(` * ${name}: ${size} bytes, sha256 ${hash}\n`), name);
  }
});

Deno.test("Unpacker refuses a stream cut anywhere", () => {
  for (const { bytes, packed } of samples) {
    if (bytes.length > 200_000) continue;
    for (let n = 0; n < packed.length; n++) {
      const cut = packed.subarray(0, n);
      assertThrows(
        () => new Unpacker(cut, bytes.length).take(bytes.length),
        Error,
        "Unpacker got a damaged stream: it ends too early",
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
      "Unpacker got a damaged stream",
    );
    if (bytes.length === 0) continue;
    const shorter = bytes.length - 1;
    assertThrows(
      () => new Unpacker(packed, shorter).take(shorter),
      Error,
      "Unpacker got a damaged stream",
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
        "Unpacker got a damaged stream",
      );
    }
  }
});

Deno.test("Unpacker has no more bytes than it was told", () => {
  const { packed } = samples[2]!;
  const unpacker = new Unpacker(packed, 40);
  unpacker.take(30);
  assertThrows(() => unpacker.take(11), Error, "it has 40 bytes only");
});
