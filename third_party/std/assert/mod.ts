/**
 * A local stand-in for `jsr:@std/assert`: the same names, signatures and
 * behaviour for the assertions that this repository uses. The root
 * `deno.json` links it in, so that everything runs where the registry cannot
 * be reached.
 *
 * @module
 */

export { AssertionError } from "./assertion_error.ts";
export * from "./equal.ts";
export * from "./truth.ts";
export * from "./equality.ts";
export * from "./order.ts";
export * from "./throws.ts";
