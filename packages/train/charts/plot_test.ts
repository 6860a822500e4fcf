import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type ChartOptions, lineChart } from "./plot.ts";
import { logTicks, ticks } from "./plot_scale.ts";

function chart(options: Partial<ChartOptions> = {}): string {
  return lineChart({
    title: "Loss",
    xLabel: "epoch",
    yLabel: "mean loss",
    series: [
      { name: "train", points: [[1, 0.9], [2, 0.4], [3, 0.25]] },
      { name: "valid", points: [[1, 0.8], [2, 0.5], [3, 0.3]] },
    ],
    ...options,
  });
}

/** The contents of all text elements. */
function texts(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, t]) => t!);
}

Deno.test("ticks() are round numbers that enclose the range", () => {
  assertEquals(ticks(0.25, 0.9, 6, false), [0.2, 0.4, 0.6, 0.8, 1]);
  assertEquals(ticks(1, 10, 8, true), [0, 2, 4, 6, 8, 10]);
  assertEquals(ticks(1, 3, 12, true), [1, 2, 3]);
  assertEquals(ticks(-0.001, 0.001, 4, false), [
    -0.001,
    -0.0005,
    0,
    0.0005,
    0.001,
  ]);
});

Deno.test("ticks() make room around a single value", () => {
  for (const value of [0, 5, -3, 1e-9, 1e12]) {
    const all = ticks(value, value, 6, false);
    assert(all.length >= 2, `${value}: ${all}`);
    assert(all[0]! < value && value < all.at(-1)!, `${value}: ${all}`);
  }
});

Deno.test("lineChart() shows title, axes, ticks and legend", () => {
  const shown = texts(chart());
  for (const text of ["Loss", "epoch", "mean loss", "train", "valid"]) {
    assert(shown.includes(text), `${text} is not in ${shown}`);
  }
  for (const text of ["0.2", "0.4", "1.0", "1", "2", "3"]) {
    assert(shown.includes(text), `${text} is not in ${shown}`);
  }
});

Deno.test("lineChart() puts larger values higher, and later ones to the right", () => {
  const line = /class="line0"[^>]* points="([^"]*)"/.exec(chart())![1]!;
  const points = line.split(" ").map((p) => p.split(",").map(Number));
  assertEquals(points.length, 3);
  assert(points[0]![0]! < points[1]![0]! && points[1]![0]! < points[2]![0]!);
  assert(points[0]![1]! < points[1]![1]! && points[1]![1]! < points[2]![1]!);
});

Deno.test("lineChart() has colours for light and for dark pages", () => {
  const svg = chart();
  assertStringIncludes(svg, 'stroke="#0072b2"');
  assertStringIncludes(svg, "@media(prefers-color-scheme:dark)");
  assertStringIncludes(svg, ".line1{stroke:#e69f00}");
});

Deno.test("lineChart() leaves gaps for what is missing", () => {
  const points: [number, number | null][] = [
    [1, 1],
    [2, 2],
    [3, null],
    [4, 4],
    [5, 5],
    [6, NaN],
    [7, Infinity],
  ];
  const svg = chart({ series: [{ name: "a", points }] });
  assertEquals(svg.match(/<polyline/g)?.length, 2);
  assert(!/NaN|Infinity|null/.test(svg));
});

Deno.test("lineChart() draws a single point and nothing at all", () => {
  const one = chart({ series: [{ name: "a", points: [[1, 0.5]] }] });
  assertEquals(one.match(/<path class="mark0"/g)?.length, 2); // the legend has one, too
  assert(!one.includes("NaN"));
  const none = chart({ series: [{ name: "a", points: [] }] });
  assert(texts(none).includes("no data yet"));
  assert(!none.includes("NaN"));
});

Deno.test("lineChart() never passes its limits", () => {
  const series = [{ name: "a", points: [[1, 99.6], [2, 100]] as const }];
  const shown = texts(chart({ series, yLimits: [0, 100] }));
  assert(shown.includes("100.0") && !shown.includes("100.1"), `${shown}`);
});

Deno.test("lineChart() escapes what could be markup", () => {
  const svg = chart({ title: `a < b & "c"` });
  assertStringIncludes(svg, "a &#60; b &#38; &#34;c&#34;");
});

Deno.test("lineChart() gives every line its own marker and colour", () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  const svg = chart({
    series: names.map((name, i) => ({ name, points: [[1, i], [2, i + 1]] })),
  });
  const looks = names.map((_, i) =>
    new RegExp(`class="mark${i}" fill="(#\\w+)" d="M[\\d. ]+(.*)"`).exec(svg)!
  );
  assertEquals(new Set(looks.map(([, colour]) => colour)).size, names.length);
  // Discs, squares, triangles, diamonds: and from there with other colours.
  assertEquals(new Set(looks.map(([, , shape]) => shape)).size, 4);
});

Deno.test("logTicks() are powers of ten, and more where those are few", () => {
  assertEquals(logTicks(1e-4, 1), [1e-4, 1e-3, 1e-2, 1e-1, 1]);
  assertEquals(logTicks(0.3, 0.9), [0.1, 0.2, 0.5, 1]);
  assertEquals(logTicks(5, 5), [1, 2, 5, 10]);
  const wide = logTicks(1e-20, 1e20);
  assert(wide.length < 12 && wide[0] === 1e-20 && wide.at(-1)! >= 1e20);
});

Deno.test("lineChart() on logarithmic axes spaces factors evenly", () => {
  const points = [[0, 1], [0.001, 1], [0.01, 10], [0.1, 100]] as const;
  const svg = chart({
    series: [{ name: "a", points }],
    xScale: "log",
    yScale: "log",
  });
  const line = / points="([^"]*)"/.exec(svg)![1]!;
  const [a, b, c] = line.split(" ").map((p) => p.split(",").map(Number));
  for (const i of [0, 1]) {
    assert(Math.abs((c![i]! - b![i]!) - (b![i]! - a![i]!)) < 0.05, line);
  }
  assertEquals(line.split(" ").length, 3); // 0 has no logarithm
  const shown = texts(svg);
  for (const text of ["0.001", "0.01", "0.1", "10", "100"]) {
    assert(shown.includes(text), `${text} is not in ${shown}`);
  }
  assert(!chart({ series: [], xScale: "log", yScale: "log" }).includes("NaN"));
});

Deno.test("lineChart() takes the numbers of its horizontal axis", () => {
  const series = [{ name: "a", points: [[5, 1], [12, 0.9], [19, 1]] as const }];
  const shown = texts(chart({ series, xTicks: [5, 12, 19] }));
  assert(["5", "12", "19"].every((t) => shown.includes(t)), `${shown}`);
  assert(!shown.includes("10"));
});

Deno.test("lineChart() breaks a legend that is too long for one row", () => {
  const names = Array.from({ length: 12 }, (_, i) => `a long name ${i}`);
  const svg = chart({
    series: names.map((name) => ({ name, points: [[1, 1]] })),
  });
  const places = [
    ...svg.matchAll(/x="([\d.]+)" y="([\d.]+)"[^>]*>a long name/g),
  ];
  assert(new Set(places.map(([, , y]) => y)).size > 1);
  for (const [, x] of places) assert(Number(x) < 560, x);
});
