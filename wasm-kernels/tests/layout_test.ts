import { assert } from "@std/assert";
import { type BuildName, testEachBuild } from "./instance.ts";

/** Where a module may have constants and its stack: apart from the others. */
const REGIONS: Record<BuildName, readonly [start: number, end: number]> = {
  simd128: [1 << 10, 512 << 10],
  relaxed: [512 << 10, 1 << 20],
  float64: [1 << 20, 2 << 20],
};

testEachBuild(
  "a module's constants and stack lie in its own region",
  (wasm) => {
    const [start, end] = REGIONS[wasm.name];
    const bytes = new Uint8Array(wasm.memory.buffer);
    const first = bytes.findIndex((byte) => byte !== 0);
    const last = bytes.findLastIndex((byte) => byte !== 0);
    assert(first === -1 || (first >= start && last < end), `${first}, ${last}`);
    const stack = wasm.kernels.__stack_pointer as unknown as { value: number };
    assert(stack.value > start && stack.value <= end, `stack ${stack.value}`);
    assert(stack.value - last >= 128 << 10, "a stack of 128 KiB fits between");
  },
);
