import { assertEquals, AssertionError, assertRejects } from "@std/assert";
import { fuzz, type FuzzOptions } from "./fuzz.ts";
import { drawFrom, mutant } from "./mutant.ts";

const seed = new TextEncoder().encode('{"length": 12, "name": "x"}');

/** Fails unless it is JSON, in a sentence of its own. */
function parse(file: Uint8Array): number {
  try {
    JSON.parse(new TextDecoder().decode(file));
  } catch (error) {
    const [letter] = (error as Error).message.match(/'.'/) ?? [""];
    throw new RangeError(`Not JSON: ${letter.charCodeAt(1)} ${letter}`);
  }
  return 1;
}

const options: FuzzOptions = {
  seeds: [seed],
  tokens: ["{", "}", '"'],
  inside: (file, _, change) => change(file),
  read: parse,
  sentences: /^Not JSON: /,
  maxBytes: 1,
  count: 2000,
};

const failing: [string, Partial<FuzzOptions>, string][] = [
  ["an error of the runtime", { sentences: /^never$/ }, "File 0"],
  ["too many bytes", { maxBytes: 0 }, "became 1 bytes"],
  ["a reader that takes everything", { read: () => 1 }, "Hardly a file"],
  ["a reader that takes nothing", {
    read: () => {
      throw new RangeError("Not JSON: never");
    },
  }, "0 of 2000 files were read"],
  ["another kind of error", {
    read: () => {
      throw new Error("Not JSON: never");
    },
  }, "File 0: Error: Not JSON"],
];

Deno.test("fuzz() accepts a reader that refuses in sentences", async () => {
  await fuzz(options);
});

for (const [what, changed, message] of failing) {
  Deno.test(`fuzz() reports ${what}`, async () => {
    await assertRejects(
      () => fuzz({ ...options, ...changed }),
      AssertionError,
      message,
    );
  });
}

Deno.test("mutant() gives the same file for the same seed, and leaves the seed", () => {
  const before = seed.slice();
  const tokens = [new TextEncoder().encode("token")];
  const files = (first: number) =>
    Array.from(
      { length: 300 },
      (_, i) => `${mutant(seed, drawFrom(first + i), tokens)}`,
    );
  assertEquals(files(0), files(0));
  assertEquals(new Set([...files(0), ...files(300)]).size > 500, true);
  assertEquals(seed, before);
});
