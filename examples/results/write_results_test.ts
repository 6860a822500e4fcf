import { formatMarkdown, scratchFolder } from "@fdunn/testing";
import {
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import { EXPERIMENTS } from "../experiments.ts";
import { keep, keptIn, type Run, runsIn, type Summary } from "./kept_runs.ts";
import { KNOWN } from "./known_results.ts";
import { render } from "./write_results.ts";

/** The options of a run by default, such as the CNN's with sigmoids. */
function optionsOf(program: string, given: Record<string, unknown> = {}) {
  const experiment = EXPERIMENTS.find(({ name }) => name === program)!;
  return experiment.configure(given, false);
}

/** A run of the CNN with sigmoids. */
const run = (more: Partial<Run> = {}): Run => ({
  program: "mnist_cnn",
  options: { ...optionsOf("mnist_cnn"), threads: 1 },
  machine: { system: "linux x86_64", processors: 2 },
  started: "2026-11-22T08:00:00.000Z",
  parts: {
    "": { firstAccuracy: 0.94512, bestAccuracy: 0.98, fastestEpoch: 4.12 },
  },
  ...more,
});

/** The cells of the table's line that begins with this label. */
function cells(runs: Run[], label: string): string[] {
  const lines = render(runs).text.split("\n");
  const line = lines.find((line) => line.startsWith(`| ${label} `));
  return line!.split("|").slice(1, -1).map((cell) => cell.trim());
}

const SIGMOID = "sigmoid, SGD, summed loss";

Deno.test("docs/RESULTS.md is what docs/results/ makes", async () => {
  const { text, shown } = render(keptIn("docs/results"));
  assertEquals(
    Deno.readTextFileSync("docs/RESULTS.md"),
    await formatMarkdown(text),
    "run deno task results",
  );
  // Nothing is kept that the page does not show.
  assertEquals(shown.length, keptIn("docs/results").length);
});

Deno.test("render() sets a run's figures beside the report's and PyTorch's", () => {
  const found = cells([run()], SIGMOID);
  assertEquals(found[1], "0.926, best 0.983");
  assertMatch(found[2]!, /^0.932-0.946, best/);
  assertEquals(found.slice(3, 6), ["0.945", "0.980", "1"]);
  assertEquals(found.at(-1), "4.1");
});

Deno.test("render() shows mean, smallest and largest over seeds", () => {
  const parts = { "": { bestAccuracy: [0.97, 0.98, 0.99] } };
  const found = cells([run({ seeds: 3, parts })], SIGMOID);
  assertEquals(found.slice(3, 6), ["not reached", "0.980 (0.970-0.990)", "3"]);
});

Deno.test("render() says what was not run", () => {
  assertEquals(cells([run()], "ReLU, SGD, summed loss")[3], "not run");
  const sections = render([run()]).text.split("\n## ").slice(1);
  assertEquals(sections.length, KNOWN.length);
  for (const section of sections) {
    assertStringIncludes(section, "Not all of it has been run here.");
  }
});

Deno.test("render() takes no run for a row that is about other options", () => {
  const of = (given: Record<string, unknown>) =>
    cells([run({ options: optionsOf("mnist_cnn", given) })], SIGMOID)[3];
  assertEquals(of({ seed: 7 }), "0.945");
  for (const given of [{ epochs: 3 }, { lr: 0.1 }, { activation: "relu" }]) {
    assertEquals(of(given), "not run");
  }
});

Deno.test("render() prefers what has ended, then many seeds, then what is new", () => {
  const best = (...runs: Run[]) => cells(runs, SIGMOID)[4];
  const of = (bestAccuracy: number, more: Partial<Run> = {}) =>
    run({ parts: { "": { epochs: 9, bestAccuracy } }, ...more });
  const cut = of(0.1, { interrupted: true, seeds: 5 });
  const old = of(0.2, { started: "2026-01-01" });
  const several = of(0.4, { started: "2026-01-01", seeds: 3 });
  assertEquals(best(cut, old), "0.200");
  assertEquals(best(cut, old, of(0.3)), "0.300");
  assertEquals(best(old, of(0.3), several), "0.400");
});

Deno.test("render() puts together runs of different seeds", () => {
  const of = (seed: number, bestAccuracy: number | number[], more = {}) =>
    run({
      options: optionsOf("mnist_cnn", { seed }),
      parts: { "": { epochs: 9, bestAccuracy } },
      ...more,
    });
  const found = (...runs: Run[]) => cells(runs, SIGMOID).slice(4, 6);
  const three = of(0, [0.1, 0.2, 0.3], { seeds: 3 });
  assertEquals(found(of(5, 0.6), three), ["0.300 (0.100-0.600)", "4"]);
  // Seed 2 is known already, and the other did not end.
  const cut = of(6, 0.9, { interrupted: true });
  assertEquals(found(of(2, 0.6), three, cut), ["0.200 (0.100-0.300)", "3"]);
});

Deno.test("render() says how far an interrupted run came", () => {
  const found = (epochs: number) => {
    const parts = { "": { epochs, bestAccuracy: 0.97, firstAccuracy: 0.9 } };
    return cells([run({ interrupted: true, parts })], SIGMOID).slice(4, 7);
  };
  assertEquals(found(10), ["0.970", "1", "10"]);
  assertEquals(found(9), ["0.970", "1", "9 of 10"]);
  assertEquals(found(0)[0], "not run");
});

Deno.test("runsIn() takes all but quick runs, keep() gives them back", () => {
  using scratch = scratchFolder("results");
  const { path } = scratch;
  const write = (name: string, more: Partial<Summary>) => {
    Deno.mkdirSync(join(path, name));
    const text = JSON.stringify({ ...run(), quick: false, ...more });
    Deno.writeTextFileSync(join(path, name, "summary.json"), text);
  };
  const values = [0.5, 0.75];
  const best = { values, mean: 0.625, median: 0.625, min: 0.5, max: 0.75 };
  write("several", {
    started: "2026-02-01",
    seeds: 2,
    parts: { "": { bestAccuracy: best, written: "word ".repeat(100) } },
  });
  const options = { ...optionsOf("toy_mlp"), data: "/home", out: "/runs" };
  write("other", { program: "toy_mlp", options, interrupted: true });
  write("quick", { quick: true });
  Deno.mkdirSync(join(path, "unfinished"));

  const found = runsIn(path);
  assertEquals(found, [
    run({
      program: "toy_mlp",
      options: optionsOf("toy_mlp"),
      interrupted: true,
    }),
    run({
      started: "2026-02-01",
      seeds: 2,
      parts: { "": { bestAccuracy: values } },
    }),
  ]);
  keep(path, [run(), ...found]);
  assertEquals(keptIn(path).length, 3);
  keep(path, found);
  assertEquals(keptIn(path), found.toReversed());
  assertEquals([runsIn("nowhere"), keptIn("nowhere")], [[], []]);
  Deno.writeTextFileSync(join(path, "toy_mlp.json"), "[{");
  assertThrows(() => keptIn(path), SyntaxError, "toy_mlp.json");
});
