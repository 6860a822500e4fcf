/**
 * What the tests of all packages share: comparison with tolerances, naive
 * float64 reference implementations, fixtures made by PyTorch, and other
 * programs: Deno, Node, Python, Chromium.
 *
 * @module
 */

export * from "./assert_close.ts";
export * from "./browser.ts";
export * from "./child.ts";
export * from "./fixture.ts";
export * from "./format_markdown.ts";
export * from "./fuzz.ts";
export * from "./onnx/read_model.ts";
export * from "./python.ts";
export * from "./reference.ts";
