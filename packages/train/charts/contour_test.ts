import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type Field, regionOf } from "./contour.ts";

function fieldOf(
  columns: number,
  rows: number,
  f: (x: number, y: number) => number,
): Field {
  const values = Float64Array.from(
    { length: columns * rows },
    (_, i) => f(i % columns, Math.floor(i / columns)),
  );
  return { values, columns, rows };
}

const same = (at: number) => at;
const regionAt10 = (field: Field) =>
  regionOf(field, (x) => 10 * x, (y) => 10 * y);

/** The area of a path of M, L, H and V, by its polygons. */
function areaOf(path: string): number {
  let total = 0;
  for (const piece of path.split("z").filter((p) => p !== "")) {
    const points: [number, number][] = [];
    for (const [, kind, rest] of piece.matchAll(/([MLHV])([^MLHV]*)/g)) {
      const numbers = rest!.split(" ").map(Number);
      const [x, y] = points.at(-1) ?? [0, 0];
      if (kind === "H") points.push([numbers[0]!, y]);
      else if (kind === "V") points.push([x, numbers[0]!]);
      else points.push([numbers[0]!, numbers[1]!]);
    }
    for (const [i, [x, y]] of points.entries()) {
      const [nextX, nextY] = points[(i + 1) % points.length]!;
      total += (x * nextY - nextX * y) / 2;
    }
  }
  return Math.abs(total);
}

Deno.test("regionOf() joins whole cells of a row", () => {
  const { area, border } = regionOf(fieldOf(4, 2, () => 1), same, same);
  assertEquals([area, border], ["M0 0H3V1H0z", ""]);
  assertEquals(regionOf(fieldOf(4, 2, () => -1), same, same).area, "");
});

Deno.test("regionOf() puts the border where a linear field is zero", () => {
  const field = fieldOf(3, 3, (x) => x - 0.75); // zero at 0.75
  const { area, border } = regionAt10(field);
  assertAlmostEquals(areaOf(area), 12.5 * 20, 1e-9);
  assertEquals(border, "M7.5 10L7.5 0M7.5 20L7.5 10");
});

Deno.test("regionOf() finds the area of a disc", () => {
  const field = fieldOf(101, 101, (x, y) => 40 - Math.hypot(x - 50, y - 50));
  const { area, border } = regionAt10(field);
  const expected = Math.PI * 400 ** 2;
  assert(
    Math.abs(areaOf(area) - expected) / expected < 1e-3,
    areaOf(area) + "",
  );
  for (const [, x, y] of border.matchAll(/([\d.]+) ([\d.]+)/g)) {
    assertAlmostEquals(Math.hypot(Number(x) - 500, Number(y) - 500), 400, 0.5);
  }
});

Deno.test("regionOf() and that of the negated field fill the plane", () => {
  const wave = (x: number, y: number) => Math.sin(x * 1.3) + Math.cos(y * 1.7);
  const one = regionAt10(fieldOf(30, 30, wave)).area;
  const other = regionAt10(fieldOf(30, 30, (x, y) => -wave(x, y))).area;
  // Saddles are joined on both sides: they overlap there, and nowhere else.
  const sum = areaOf(one) + areaOf(other);
  assert(sum >= 290 * 290 - 20 && sum < 290 * 290 * 1.02, `${sum}`);
});

Deno.test("regionOf() survives what is no number", () => {
  const { area, border } = regionAt10(
    fieldOf(4, 4, (x, y) => x === 1 ? NaN : y === 1 ? Infinity : 1),
  );
  assert(!/NaN|Infinity/.test(area + border));
});
