/**
 * What the tests of all packages share: comparison with tolerances, naive
 * float64 reference implementations, and fixtures made by PyTorch.
 *
 * @module
 */

export * from "./assert_close.ts";
export * from "./browser.ts";
export * from "./child.ts";
export * from "./python.ts";
export * from "./reference.ts";
export * from "./fixture.ts";
