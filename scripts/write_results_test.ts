import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { KNOWN } from "./known_results.ts";
import { render, summariesIn, type Summary } from "./write_results.ts";

/** A run of the CNN with sigmoids. */
const run = (more: Partial<Summary> = {}): Summary => ({
  program: "mnist_cnn",
  quick: false,
  options: { activation: "sigmoid", optimizer: "sgd", epochs: 10 },
  machine: { system: "linux x86_64", processors: 2 },
  started: "2026-11-22T08:00:00.000Z",
  parts: {
    "": { firstAccuracy: 0.94512, bestAccuracy: 0.98, secondsPerEpoch: 4.12 },
  },
  ...more,
});

/** The cells of the table's line that begins with this label. */
function cells(page: string, label: string): string[] {
  const line = page.split("\n").find((line) => line.startsWith(`| ${label} `));
  return line!.split("|").slice(1, -1).map((cell) => cell.trim());
}

Deno.test("render() sets a run's figures beside the report's and PyTorch's", () => {
  const found = cells(render([run()]), "sigmoid, SGD, summed loss");
  assertEquals(found[1], "0.926, best 0.983");
  assertMatch(found[2]!, /^0.932-0.946, best/);
  assertEquals(found.slice(3, 6), ["0.945", "0.980", "1"]);
  assertEquals(found.at(-1), "4.1");
});

Deno.test("render() shows mean, smallest and largest over seeds", () => {
  const best = { values: [], mean: 0.98, median: 0.981, min: 0.97, max: 0.99 };
  const page = render([
    run({ seeds: 3, parts: { "": { bestAccuracy: best } } }),
  ]);
  const found = cells(page, "sigmoid, SGD, summed loss");
  assertEquals(found.slice(3, 6), [
    "not reached",
    "0.980 (0.970-0.990)",
    "3",
  ]);
});

Deno.test("render() says what was not run", () => {
  const page = render([run()]);
  assertEquals(cells(page, "ReLU, SGD, summed loss")[3], "not run");
  const sections = page.split("\n## ").slice(1);
  assertEquals(sections.length, KNOWN.length);
  for (const section of sections) {
    assertStringIncludes(section, "Not all of it has been run here.");
  }
});

Deno.test("render() takes of an interrupted run the parts that ended", () => {
  const best = (epochs: number) => {
    const parts = { "": { epochs, bestAccuracy: 0.98, firstAccuracy: 0.9 } };
    const page = render([run({ interrupted: true, parts })]);
    return cells(page, "sigmoid, SGD, summed loss")[4];
  };
  assertEquals([best(10), best(9)], ["0.980", "not run"]);
});

Deno.test("summariesIn() takes all but quick runs, the newest first", () => {
  using scratch = scratchFolder("results");
  const { path } = scratch;
  const write = (name: string, summary?: Summary) => {
    Deno.mkdirSync(join(path, name));
    if (summary === undefined) return;
    const text = JSON.stringify(summary);
    Deno.writeTextFileSync(join(path, name, "summary.json"), text);
  };
  write("a", run({ started: "2026-01-01" }));
  write("b", run({ started: "2026-03-01" }));
  write("c", run({ started: "2026-04-01", quick: true }));
  write("d", run({ started: "2026-05-01", interrupted: true }));
  write("unfinished");
  const started = summariesIn(path).map((summary) => summary.started);
  assertEquals(started, ["2026-05-01", "2026-03-01", "2026-01-01"]);
});
