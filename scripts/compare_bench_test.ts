import { assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { type BenchRun, compare, ratios } from "./compare_bench.ts";

/** A run of a group with these least times; null is a benchmark that threw. */
function run(times: Record<string, number | null>): BenchRun {
  return {
    benches: Object.entries(times).map(([name, min]) => ({
      origin: "file:///x/bench/matmul_bench.ts",
      group: "512",
      name,
      baseline: name === "naive",
      results: [min === null ? {} : { ok: { min } }],
    })),
  };
}

const FAILED = "matmul_bench.ts > 512 > ours";
const OURS = `${FAILED} / naive`;

Deno.test("ratios() divides by the baseline of the group", () => {
  const { found } = ratios(run({ naive: 100, ours: 25 }));
  assertEquals(found, new Map([[OURS, 0.25]]));
  assertEquals(ratios(run({ ours: 25 })).found.size, 0);
  assertEquals(ratios(run({ naive: 100, ours: null })).failed, [FAILED]);
});

Deno.test("compare() looks at ratios, not at times", () => {
  const before = [run({ naive: 100, ours: 25 })];
  const slowMachine = [run({ naive: 300, ours: 75 })];
  assertEquals(compare(before, slowMachine, 1.25).slower, []);
  const after = [run({ naive: 100, ours: 40, more: 1 })];
  const worse = compare(before, after, 1.25);
  assertEquals(worse.slower, [OURS]);
  assertStringIncludes(worse.table, "| 0.250 | 0.400 | 1.60x slower |");
  assertStringIncludes(worse.table, "| new | 0.010 |  |");
  assertEquals(compare(before, after, 1.7).slower, []);
});

Deno.test("compare() takes the median of several runs", () => {
  const times = (...all: number[]) =>
    all.map((ours) => run({ naive: 100, ours }));
  const before = times(20, 21, 20);
  assertEquals(compare(before, times(20, 90, 21), 1.25).slower, []);
  assertEquals(compare(before, times(30, 29, 20), 1.25).slower, [OURS]);
});

Deno.test("compare() names what failed and what is gone", () => {
  const before = [run({ naive: 100, ours: 25, rest: 3 })];
  const after = compare(before, [run({ naive: 100, ours: null })], 1.25);
  assertEquals(after.failed, [FAILED]);
  assertEquals(after.gone, [OURS, "matmul_bench.ts > 512 > rest / naive"]);
  assertStringIncludes(after.table, "| 0.030 | gone |");
});

/** Runs the script on files of these contents. */
async function script(
  ...args: (string | BenchRun)[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const root = fromFileUrl(new URL("..", import.meta.url));
  await Deno.mkdir(join(root, ".scratch"), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: join(root, ".scratch") });
  try {
    const paths = args.map((arg, i) => {
      if (typeof arg === "string") return arg;
      const path = join(folder, `${i}.json`);
      Deno.writeTextFileSync(path, JSON.stringify(arg));
      return path;
    });
    const program = join(root, "scripts", "compare_bench.ts");
    const { code, stdout, stderr } = await new Deno.Command("deno", {
      args: ["run", "-q", "--no-prompt", "-P=bench", program, ...paths],
      cwd: root,
    }).output();
    const text = new TextDecoder();
    return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the script's exit code says what it found", async () => {
  const fast = run({ naive: 100, ours: 25 });
  const slow = run({ naive: 100, ours: 40 });
  assertEquals((await script(fast, fast)).code, 0);
  const slower = await script(fast, fast, "--", slow, slow);
  assertEquals(slower.code, 1);
  assertStringIncludes(slower.stderr, `More than 1.25 times as long:\n${OURS}`);
  assertEquals((await script("--limit", "2", fast, slow)).code, 0);
  assertEquals((await script("--help")).code, 0);
});

Deno.test("the script says what is wrong with its arguments", async () => {
  const good = run({ naive: 100, ours: 25 });
  for (
    const [args, message] of [
      [["nowhere.json", good], "Cannot read nowhere.json"],
      [[{} as BenchRun, good], "has no benchmarks"],
      [[good], "Got 1 files, expected one of before and one of after"],
      [["--limit", "no", good, good], "--limit is no"],
      [["--fast", good, good], "Unknown option --fast"],
    ] as const
  ) {
    const { code, stderr } = await script(...args);
    assertEquals(code, 2, stderr);
    assertStringIncludes(stderr, message);
  }
});
