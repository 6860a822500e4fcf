import { assertEquals, assertStringIncludes } from "@std/assert";
import { textChart } from "./braille_chart.ts";

const plain = (
  curves: Parameters<typeof textChart>[0],
  width = 19,
  height = 5,
) => textChart(curves, { title: "loss", width, height }, false);

Deno.test("textChart() draws from corner to corner, with marks", () => {
  const curve = { name: "loss", x: [0, 100], y: [0, 2] };
  assertEquals(plain([curve]), [
    "loss",
    "       2│      ⢀⡠⠔⠊",
    "        │   ⢀⠤⠒⠁   ",
    "       0│⡠⠔⠊⠁      ",
    "         0      100",
  ]);
});

Deno.test("textChart() leaves gaps where figures are not finite", () => {
  const y = [1, NaN, 1, Infinity];
  const [, line] = plain([{ name: "loss", x: [0, 1, 2, 3], y }], 19, 3);
  assertEquals(line, "       1│⠁        ⠈".padEnd(19));
});

Deno.test("textChart() keeps to its size whatever it is given", () => {
  const odd = [
    [],
    [{ name: "loss", x: [], y: [] }],
    [{ name: "loss", x: [1], y: [NaN] }],
    [{ name: "loss", x: [1], y: [-1.23456789e-30] }],
    [{ name: "loss", x: [0, 1e300], y: [-1e300, 1e300] }],
    [{ name: "a", x: [0, 1], y: [0, 1] }, { name: "b", x: [2], y: [3] }],
  ];
  for (const curves of odd) {
    for (const [width, height] of [[10, 3], [12, 4], [80, 20]] as const) {
      const lines = plain(curves, width, height);
      assertEquals(lines.length, height);
      for (const line of lines) {
        assertEquals(line.length <= width, true, `${line} in ${width}`);
      }
    }
  }
});

Deno.test("textChart() names and paints several curves", () => {
  const curves = [
    { name: "train", x: [0, 1], y: [0, 0] },
    { name: "valid", x: [0, 1], y: [1, 1] },
  ];
  const options = { title: "loss", width: 40, height: 4 };
  const text = textChart(curves, options, true).join("\n");
  assertStringIncludes(
    text,
    "loss  \x1b[36m━ train\x1b[0m  \x1b[33m━ valid\x1b[0m",
  );
  assertStringIncludes(text, "\x1b[33m⠉");
});
