import { Linear } from "@fdunn/nn";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import { lineChart } from "../charts/plot.ts";
import { writeReport } from "./report.ts";
import { RunFolder } from "./run_folder.ts";

/** A folder that is removed at the end of its block. */
function scratch(): { path: string } & Disposable {
  Deno.mkdirSync(".scratch", { recursive: true });
  const path = Deno.makeTempDirSync({ dir: ".scratch", prefix: "report_" });
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}

const EVIL = `<script>alert("1")</script>`;

const record = (epoch: number) => ({
  epoch,
  trainLoss: 1 / epoch,
  validLoss: null,
  validAccuracy: epoch === 2 ? 0.75 : 0.5,
  itPerSecond: 1234.5,
  seconds: 2,
  steps: 10,
});

Deno.test("writeReport() puts a run folder into one page", () => {
  using folder = scratch();
  const { path } = folder;
  const run = new RunFolder(join(path, "run"), {
    model: new Linear(1, 1),
    config: { options: { lr: 0.25, sizes: [1, 2] }, name: "toy" },
  });
  const chart = lineChart({ title: "T", xLabel: "", yLabel: "", series: [] });
  run.savePicture("by_length", chart);
  Deno.writeTextFileSync(
    join(run.path, "metrics.jsonl"),
    [1, 2, 3].map((epoch) => JSON.stringify(record(epoch)) + "\n").join(""),
  );
  const file = writeReport(run.path, {
    title: "A run",
    notes: ["It learns."],
    figures: { "test accuracy": "98 %" },
  });
  assertEquals(file, join(run.path, "report.html"));
  const html = Deno.readTextFileSync(file);
  for (
    const text of [
      ...["<h1>A run</h1>", "<p>It learns.</p>", "test accuracy", "98 %"],
      ...["75.00 % in epoch 2", "0.3333", "options.lr", "0.25", "[1,2]", "toy"],
    ]
  ) assertStringIncludes(html, text);
  const pictures = [
    ...html.matchAll(/<img alt="([^"]*)"[^>]*base64,([^"]*)"/g),
  ];
  assertEquals(pictures.map(([, name]) => name), [
    "loss",
    "accuracy",
    "by length",
  ]);
  assertEquals(atob(pictures[2]![2]!), chart);
  assert(!/(src|href)="(?!data:)/.test(html), "needs no other file");
});

Deno.test("writeReport() keeps several trainings of a folder apart", () => {
  using folder = scratch();
  const { path } = folder;
  const lines = ["moons", "circles"].flatMap((part) =>
    Array.from({ length: 150 }, (_, i) => ({ part, ...record(i + 1) }))
  );
  Deno.writeTextFileSync(
    join(path, "metrics.jsonl"),
    lines.map((line) => JSON.stringify(line) + "\n").join(""),
  );
  const figures = { moons: "0.75 at best" };
  const html = Deno.readTextFileSync(
    writeReport(path, { title: "Two", figures }),
  );
  assertStringIncludes(html, "0.75 at best");
  // Their sums and their best would be nobody's.
  for (const text of ["best validation", "seconds in all", ">300<"]) {
    assert(!html.includes(text), text);
  }
  const rows = [...html.matchAll(/<td[^>]*>(\w+)<\/td><td[^>]*>(\d+)<\/td>/g)];
  const ends = rows.map(([, part, epoch]) => `${part} ${epoch}`);
  assert(ends.length <= 102);
  for (const end of ["moons 1", "moons 150", "circles 1", "circles 150"]) {
    assert(ends.includes(end), end);
  }
});

Deno.test("writeReport() lets nothing through unescaped", () => {
  using folder = scratch();
  const { path } = folder;
  Deno.writeTextFileSync(
    join(path, "config.json"),
    JSON.stringify({ [EVIL]: EVIL, list: [EVIL] }),
  );
  Deno.writeTextFileSync(
    join(path, "metrics.jsonl"),
    JSON.stringify({ ...record(1), epoch: EVIL, trainLoss: EVIL }) + "\n",
  );
  Deno.writeTextFileSync(join(path, "a.svg"), `<svg>${EVIL}</svg>`);
  Deno.writeTextFileSync(join(path, `"onerror='x'.svg`), "<svg/>");
  const html = Deno.readTextFileSync(writeReport(path, {
    title: EVIL,
    notes: [EVIL],
    figures: { [EVIL]: EVIL },
  }));
  assert(!html.includes("<script"));
  assert(!html.includes(`"onerror`));
  assert(!html.includes('alert("1")'));
  assertStringIncludes(html, "default-src 'none'");
  assertStringIncludes(html, "&#60;script&#62;");
});

Deno.test("writeReport() works on an empty folder, not on broken or missing ones", () => {
  using folder = scratch();
  const { path } = folder;
  const html = Deno.readTextFileSync(writeReport(path, { title: "Nothing" }));
  assert(!html.includes("<h2>"));
  Deno.writeTextFileSync(join(path, "config.json"), "{");
  assertThrows(
    () => writeReport(path, { title: "Broken" }),
    Error,
    `writeReport() cannot read config.json of ${path}`,
  );
  assertThrows(() => writeReport(join(path, "none"), { title: "" }), Error);
});

Deno.test("savePicture() stays in its folder", () => {
  using folder = scratch();
  const run = new RunFolder(folder.path, {
    model: new Linear(1, 1),
    config: {},
  });
  for (const name of ["../a", "a/b", "", "a.svg"]) {
    assertThrows(
      () => run.savePicture(name, "<svg/>"),
      RangeError,
      "got the name",
    );
  }
});
