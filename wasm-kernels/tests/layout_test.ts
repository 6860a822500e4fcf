import { assert, assertEquals } from "@std/assert";
import { type BuildName, buildNames, modules } from "./instance.ts";

/** Where a module may have constants and its stack: apart from the others. */
const REGIONS: Record<BuildName, readonly [start: number, end: number]> = {
  simd128: [1 << 10, 512 << 10],
  relaxed: [512 << 10, 1 << 20],
  float64: [1 << 20, 2 << 20],
};

for (const name of buildNames) {
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

for (const name of buildNames) {
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

function functions(name: BuildName): string[] {
  return WebAssembly.Module.exports(modules[name])
    .filter(({ kind }) => kind === "function")
    .map(({ name }) => name);
}

Deno.test("relaxed has products and what else gains from fused multiply-add, again", () => {
  const [base, overlay] = [functions("simd128"), functions("relaxed")];
  const foreign = overlay.filter((name) => !base.includes(name));
  assertEquals(foreign, [], "every kernel is in simd128, too");
  for (const name of ["matmul", "linear", "linear_backward", "rnn"]) {
    assert(overlay.includes(`${name}_f32`), name);
  }
  for (const part of ["", "_grad_input", "_grad_weight"]) {
    assert(overlay.includes(`conv2d${part}_f32`), part);
  }
  assert(overlay.length < base.length / 4, "and few others");
});
