import { assertEquals } from "@std/assert";
import { type BuildName, type Instance, testEachBuild } from "./instance.ts";

const f32Builds: readonly BuildName[] = ["simd128", "relaxed"];

type Array1d =
  | Int8Array
  | Uint8Array
  | Uint16Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | Float16Array;

/** Runs a cast on raw bytes and returns what it wrote. */
function cast<A extends Array1d>(
  k: Instance,
  name: string,
  input: Array1d,
  output: A,
): { out: A; code: number } {
  k.reset();
  const x = k.bytes(new Uint8Array(input.buffer));
  const y = k.bytes(new Uint8Array(output.byteLength).fill(9));
  const code = k.raw(`cast_${name}`, input.length, x.pointer, y.pointer);
  new Uint8Array(output.buffer).set(y.values);
  k.checkGuards();
  return { out: output, code };
}

function check(
  k: Instance,
  name: string,
  input: Array1d,
  empty: (n: number) => Array1d,
  f: (x: number) => number,
): void {
  for (const n of [0, 1, 3, 4, 5, 7, 8, 15, 16, 17, input.length]) {
    const part = input.slice(0, n) as Array1d;
    const { out } = cast(k, name, part, empty(part.length));
    const expected = empty(part.length);
    for (let i = 0; i < part.length; i++) expected[i] = f(Number(part[i]));
    assertEquals(out, expected, `cast_${name} of ${n}`);
  }
}

const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
const signed = Int8Array.from({ length: 256 }, (_, i) => i - 128);
const words = Int32Array.from(
  [0, 1, -1, 255, 256, -129, 2 ** 31 - 1, -(2 ** 31), 16777217, 3, 4, 5],
);
const reals = [
  ...[0, -0, 1, -1, 0.5, -0.5, 1.999, -1.999, 127.9, 128, 255.9, 256, -200],
  ...[1e10, -1e10, Infinity, -Infinity, NaN, 1e-45, 2147483648, 3e-39, 65520],
  ...[65519.996, 65504, 5.9604645e-8, 2.9802322e-8, 2.9802326e-8, 6.1035156e-5],
];

const saturate = (low: number, high: number) => (x: number) =>
  Number.isNaN(x) ? 0 : Math.trunc(Math.min(Math.max(x, low), high));
const bool = (x: number) => +(x !== 0);

testEachBuild("casts of the float32 module", (k) => {
  const floats = (n: number) => new Float32Array(n);
  const ints = (n: number) => new Int32Array(n);
  const u8 = (n: number) => new Uint8Array(n);
  const i8 = (n: number) => new Int8Array(n);
  const x = Float32Array.from(reals);
  check(k, "u8_f32", bytes, floats, (v) => v);
  check(k, "bool_f32", bytes, floats, bool);
  check(k, "i8_f32", signed, floats, (v) => v);
  check(k, "i32_f32", words, floats, (v) => v);
  check(k, "f32_u8", x, u8, saturate(0, 255));
  check(k, "f32_i8", x, i8, saturate(-128, 127));
  check(k, "f32_i32", x, ints, saturate(-(2 ** 31), 2 ** 31 - 1));
  check(k, "f32_bool", x, u8, bool);
  check(k, "i32_bool", words, u8, bool);
  check(k, "i32_u8", words, u8, (v) => v & 255);
  check(k, "i32_i8", words, i8, (v) => v << 24 >> 24);
  check(k, "u8_i32", bytes, ints, (v) => v);
  check(k, "i8_i32", signed, ints, (v) => v);
  check(k, "bool_i32", bytes, ints, bool);
  check(k, "u8_bool", bytes, u8, bool);
}, f32Builds);

testEachBuild("float16 becomes float32 exactly, and back", (k) => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const halves = new Float16Array(all.buffer);
  const { out } = cast(k, "f16_f32", all, new Float32Array(65536));
  for (let i = 0; i < 65536; i++) {
    assertEquals(Object.is(out[i], halves[i]), true, `${i}`);
  }
  const { out: back } = cast(k, "f32_f16", out, new Uint16Array(65536));
  for (let i = 0; i < 65536; i++) {
    if (Number.isNaN(halves[i])) assertEquals(back[i]! & 0x7fff, 0x7e00);
    else assertEquals(back[i], i);
  }
}, f32Builds);

testEachBuild("float32 becomes float16 to nearest even", (k) => {
  const bits = Uint32Array.from({ length: 300_000 }, (_, i) => i * 14_316 + 1);
  const x = new Float32Array(bits.buffer);
  const ties = Float32Array.from({ length: 4096 }, (_, i) => 1 + i / 2 ** 12);
  const tiny = Float32Array.from({ length: 4096 }, (_, i) => i / 2 ** 26);
  for (const input of [x, ties, tiny, Float32Array.from(reals)]) {
    const { out } = cast(k, "f32_f16", input, new Uint16Array(input.length));
    const actual = new Float16Array(out.buffer);
    const expected = Float16Array.from(input);
    for (let i = 0; i < input.length; i++) {
      assertEquals(Object.is(actual[i], expected[i]), true, `${input[i]}`);
    }
  }
}, f32Builds);

testEachBuild("bfloat16 both ways, to nearest even", (k) => {
  const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
  const { out } = cast(k, "bf16_f32", all, new Float32Array(65536));
  const bits = new Uint32Array(out.buffer);
  all.forEach((half, i) => assertEquals(bits[i], (half << 16) >>> 0));
  const { out: back } = cast(k, "f32_bf16", out, new Uint16Array(65536));
  all.forEach((half, i) => {
    if (Number.isNaN(out[i])) assertEquals(back[i]! & 0x7fc0, 0x7fc0);
    else assertEquals(back[i], half);
  });
  // Halfway cases go to the even neighbour; more than half goes up.
  const odd = Uint32Array.of(0x3f808000, 0x3f818000, 0x3f808001, 0x7f7fffff);
  const { out: rounded } = cast(
    k,
    "f32_bf16",
    new Float32Array(odd.buffer),
    new Uint16Array(4),
  );
  assertEquals([...rounded], [0x3f80, 0x3f82, 0x3f81, 0x7f80]);
}, f32Builds);

testEachBuild("int64 narrows to int32 or says where it cannot", (k) => {
  const fine = BigInt64Array.of(0n, -1n, 2n ** 31n - 1n, -(2n ** 31n), 5n);
  const { out, code } = cast(k, "i64_i32", fine, new Int32Array(5));
  assertEquals(code, -1);
  assertEquals([...out], [0, -1, 2 ** 31 - 1, -(2 ** 31), 5]);
  const bad = BigInt64Array.of(0n, 2n ** 31n, -(2n ** 40n));
  assertEquals(cast(k, "i64_i32", bad, new Int32Array(3)).code, 1);
  const { out: wide } = cast(k, "i32_i64", words, new BigInt64Array(12));
  assertEquals([...wide], [...words].map(BigInt));
}, f32Builds);

testEachBuild("casts of the float64 module", (k) => {
  const doubles = (n: number) => new Float64Array(n);
  const x = Float64Array.from([...reals, 1e300, 1 + 2 ** -40]);
  check(k, "f32_f64", Float32Array.from(reals), doubles, (v) => v);
  check(k, "f64_f32", x, (n) => new Float32Array(n), (v) => v);
  check(k, "i32_f64", words, doubles, (v) => v);
  check(k, "u8_f64", bytes, doubles, (v) => v);
  check(k, "i8_f64", signed, doubles, (v) => v);
  check(k, "bool_f64", bytes, doubles, bool);
  check(k, "f64_bool", x, (n) => new Uint8Array(n), bool);
  check(k, "f64_u8", x, (n) => new Uint8Array(n), saturate(0, 255));
  check(
    k,
    "f64_i32",
    x,
    (n) => new Int32Array(n),
    saturate(-(2 ** 31), 2 ** 31 - 1),
  );
}, ["float64"]);
