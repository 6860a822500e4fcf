import { tensor, zeros } from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { confusionMatrix } from "./confusion.ts";
import { confusionChart } from "../charts/confusion_chart.ts";

const int = (values: number[]) => tensor(values, { dtype: "int32" });

Deno.test("confusionMatrix() has actual classes in rows", () => {
  // sklearn.metrics.confusion_matrix([2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2])
  const matrix = confusionMatrix(
    int([0, 0, 2, 2, 0, 2]),
    int([2, 0, 2, 2, 0, 1]),
    3,
  );
  assertEquals(matrix.toArray(), [[2, 0, 0], [0, 0, 1], [1, 0, 2]]);
  assertEquals(matrix.dtype, "int32");
});

Deno.test("confusionMatrix() takes no classes, and strided ones", () => {
  const none = zeros([0], { dtype: "int32" });
  assertEquals(confusionMatrix(none, none, 2).toArray(), [[0, 0], [0, 0]]);
  const both = tensor([[0, 1], [1, 1]], { dtype: "int32" });
  const matrix = confusionMatrix(both.select(1, 0), both.select(1, 1), 2);
  assertEquals(matrix.toArray(), [[0, 0], [1, 1]]);
});

Deno.test("confusionMatrix() refuses what does not fit", () => {
  assertThrows(
    () => confusionMatrix(int([0, 2]), int([0, 1]), 2),
    RangeError,
    "got the class 2 in predicted, expected 0 to 1",
  );
  assertThrows(
    () => confusionMatrix(int([0]), int([0, 1]), 2),
    RangeError,
    "got predicted [1] and actual [2]",
  );
  assertThrows(
    () => confusionMatrix(tensor([0, 1]), int([0, 1]), 2),
    TypeError,
    "got predicted of float32, expected int32 classes",
  );
  assertThrows(() => confusionMatrix(int([0]), int([0]), 0), RangeError);
});

Deno.test("confusionChart() shows counts, recall and names", () => {
  const svg = confusionChart(tensor([[8, 2], [1, 29]], { dtype: "int32" }), {
    classes: ["cat", "<dog>"],
    title: "Pets",
  });
  for (const text of ["Pets", "92.5 % of 40 right", "80.0 %", "96.7 %"]) {
    assertStringIncludes(svg, text);
  }
  assertStringIncludes(svg, "&#60;dog&#62; taken for cat: 1");
  assert(!svg.includes("<dog>"));
  // Right answers and errors have colours of their own.
  assertEquals(svg.match(/<rect class="mark0"/g)!.length, 2);
  assertEquals(svg.match(/<rect class="mark1"/g)!.length, 2);
});

Deno.test("confusionChart() makes larger shares stronger", () => {
  const svg = confusionChart(tensor([[50, 40, 10], [0, 1, 0], [0, 0, 1]]));
  const [right, often, seldom] = [...svg.matchAll(/fill-opacity="([\d.]+)"/g)]
    .map(([, strength]) => Number(strength));
  assert(right! > often! && often! > seldom! && seldom! > 0.2);
});

Deno.test("confusionChart() draws empty rows and refuses other shapes", () => {
  const empty = confusionChart(zeros([2, 2], { dtype: "int32" }));
  assertStringIncludes(empty, "nothing counted yet");
  assert(!empty.includes("NaN"));
  assertThrows(() => confusionChart(zeros([2, 3])), RangeError, "[2, 3]");
  assertThrows(() => confusionChart(tensor([[-1]])), RangeError, "negative");
  assertThrows(
    () => confusionChart(zeros([2, 2]), { classes: ["a"] }),
    RangeError,
    "got 1 names for 2 classes",
  );
});
