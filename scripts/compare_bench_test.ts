import { assertEquals, assertStringIncludes } from "@std/assert";
import { type BenchRun, compare, ratios } from "./compare_bench.ts";

function run(times: Record<string, number>): BenchRun {
  return {
    benches: Object.entries(times).map(([name, avg]) => ({
      origin: "file:///x/bench/matmul_bench.ts",
      group: "512",
      name,
      baseline: name === "naive",
      results: [{ ok: { avg } }],
    })),
  };
}

Deno.test("ratios() divides by the baseline of the group", () => {
  assertEquals(
    ratios(run({ naive: 100, ours: 25 })),
    new Map([["matmul_bench.ts > 512 > ours", 0.25]]),
  );
  assertEquals(ratios(run({ ours: 25 })).size, 0);
});

Deno.test("compare() looks at ratios, not at times", () => {
  const before = run({ naive: 100, ours: 25 });
  const slowMachine = run({ naive: 300, ours: 75 });
  assertEquals(compare(before, slowMachine).slower, []);
  const worse = compare(before, run({ naive: 100, ours: 40, more: 1 }));
  assertEquals(worse.slower, ["matmul_bench.ts > 512 > ours"]);
  assertStringIncludes(worse.table, "| 0.250 | 0.400 | 1.60x slower |");
  assertStringIncludes(worse.table, "| new | 0.010 |  |");
});
