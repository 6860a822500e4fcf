import { assert, assertLess } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { runOk, scratchFolder } from "./child.ts";

const path = (name: string) => fromFileUrl(new URL(name, import.meta.url));

/**
 * What a page with every export of tensor, nn and optim may download, by gzip,
 * as issue 4 asks: over a quarter is kernels, the rest is the catalogue. What few
 * programs need stands in entry points of its own (`@fdunn/tensor/linalg`,
 * `/distributions`, `/safetensors`, `/anomaly`, `/op`; `@fdunn/nn/summary`,
 * `/weights`, `/onnx`; `@fdunn/optim/second_order`), which are not counted here.
 * docs/DESIGN.md says where the bytes go.
 */
const LIMIT = 150_000;

/** What README's CNN with its training may download: most exports fall away. */
const CNN_LIMIT = 108_300;

/**
 * For Node, whose zlib is what most tools report by: the bytes of a bundle by
 * gzip, and without the packed kernels, which are its longest string.
 */
const MEASURE = `
const text = require("node:fs").readFileSync(process.argv[1], "utf8");
const bytes = (part) => require("node:zlib").gzipSync(part, { level: 9 }).length;
console.log(bytes(text), bytes(text.replace(/"[\\w+/=]{20000,}"/, "")));
`;

/** The bytes of a program's bundle by gzip; it must contain these words. */
async function bundledSize(name: string, words: string[]): Promise<number> {
  using folder = scratchFolder("bundle");
  const bundle = join(folder.path, "bundle.js");
  const flags = ["--quiet", "--no-lock", "--minify", "--platform", "browser"];
  await runOk("deno", ["bundle", ...flags, path(name), "-o", bundle]);
  const text = await Deno.readTextFile(bundle);
  for (const word of words) {
    assert(text.includes(word), `${word} is not in the bundle`);
  }
  const output = await runOk("node", ["-e", MEASURE, bundle]);
  const [size, code] = output.split(" ").map(Number) as [number, number];
  console.log(`${size} bytes by gzip: code ${code}, kernels ${size - code}`);
  return size;
}

Deno.test("tensor, nn and optim with all kernels are less than 150 KB", async () => {
  const words = ["conv2d", "LayerNorm", "AdamW"];
  assertLess(await bundledSize("./bundle.ts", words), LIMIT);
});

Deno.test("README's CNN with its training is less than 108.3 KB", async () => {
  assertLess(await bundledSize("./bundle_cnn.ts", ["conv2d"]), CNN_LIMIT);
});
