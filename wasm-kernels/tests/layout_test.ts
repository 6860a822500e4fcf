import { assert, assertEquals } from "@std/assert";
import { type ModuleName, modules } from "./instance.ts";

const names = Object.keys(modules) as ModuleName[];

/**
 * Where a module may have constants and its stack: apart from the others, but
 * for pairs of which one is made of the other.
 */
const REGIONS: Record<ModuleName, readonly [start: number, end: number]> = {
  base: [1 << 10, 512 << 10],
  relaxed: [512 << 10, 768 << 10],
  simd128: [512 << 10, 768 << 10],
  more: [768 << 10, 1 << 20],
  relaxed_layers: [1 << 20, 3 << 19],
  simd128_layers: [1 << 20, 3 << 19],
  linalg: [3 << 19, 2 << 20],
};

for (const name of names) {
  Deno.test(`a module's constants and stack lie in its own region (${name})`, () => {
    const [start, end] = REGIONS[name];
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
    const env = { memory };
    const { exports } = new WebAssembly.Instance(modules[name], { env });
    const bytes = new Uint8Array(memory.buffer);
    const first = bytes.findIndex((byte) => byte !== 0);
    const last = bytes.findLastIndex((byte) => byte !== 0);
    assert(first === -1 || (first >= start && last < end), `${first}, ${last}`);
    const { value } = exports.__stack_pointer as WebAssembly.Global;
    assert(value > start && value <= end, `stack ${value}`);
    assert(value - last >= 128 << 10, "a stack of 128 KiB fits between");
  });
}

for (const name of names) {
  Deno.test(`no kernel formats the message of a panic (${name})`, () => {
    const memory = new WebAssembly.Memory({ initial: 64, maximum: 65536 });
    new WebAssembly.Instance(modules[name], { env: { memory } });
    const text = new TextDecoder("latin1").decode(memory.buffer);
    // core::fmt prints numbers by this table. It comes with 5 KB of code for
    // whatever panics with a message: clamp(), an index or a slice that LLVM
    // cannot prove, len() of a range.
    assert(!text.includes("00010203040506070809"), "core::fmt is linked");
  });
}

function functions(name: ModuleName): string[] {
  return WebAssembly.Module.exports(modules[name])
    .filter(({ kind }) => kind === "function")
    .map(({ name }) => name);
}

Deno.test("simd128 and relaxed have the same kernels", () => {
  const pairs = [
    ["", ["matmul", "linear", "sigmoid"]],
    ["_layers", ["conv2d", "rnn", "lstm"]],
  ] as const;
  for (const [suffix, names] of pairs) {
    const kernels = functions(`relaxed${suffix}`);
    assertEquals(functions(`simd128${suffix}`), kernels);
    for (const name of names) assert(kernels.includes(`${name}_f32`), name);
  }
});

Deno.test("no kernel is in two modules of a build", () => {
  const names = ["base", "relaxed", "more", "relaxed_layers"] as const;
  const all = names.flatMap(functions);
  assertEquals(new Set(all).size, all.length);
});
