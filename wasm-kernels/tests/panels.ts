import type { Instance } from "./instance.ts";

/**
 * Copies a right-hand matrix `[k, n]` to panels, if recurrent layers would:
 * n is at least 4, and float64 has none. Else 0.
 */
export function panelsOf(
  wasm: Instance,
  [k, n]: readonly [k: number, n: number],
  from: number,
  [row, column]: readonly [row: number, column: number],
): number {
  if (n < 4 || wasm.float !== "f32") return 0;
  const to = wasm.floats(new Float64Array(k * n));
  wasm.call("pack", k, n, from, row, column, to.pointer);
  return to.pointer;
}
