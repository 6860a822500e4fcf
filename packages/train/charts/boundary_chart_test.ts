import { makeBlobs, makeMoons } from "@fdunn/data";
import { isGradEnabled, tensor, zeros } from "@fdunn/tensor";
import type { Tensor } from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { decisionBoundaryChart } from "./boundary_chart.ts";

/** Logits of a border at x1 = at. */
const splitAt = (at: number) => (points: Tensor): Tensor => {
  return points.matmul(tensor([[-1, 1], [0, 0]])).add(tensor([at, -at]));
};

const corners = tensor([[0, 0], [1, 0], [0, 1], [1, 1]]);
const labels = tensor([0, 1, 0, 1], { dtype: "int32" });

/** Where the border's points are, from 0 at the left to 1 at the right. */
function bordersAt(svg: string): number[] {
  const [, path] = /<path class="border" d="([^"]*)"/.exec(svg)!;
  return [...path!.matchAll(/([\d.]+) [\d.]+/g)].map(([, x]) =>
    (Number(x) - 76) / (616 - 76)
  );
}

Deno.test("decisionBoundaryChart() draws the border where the classes meet", () => {
  const svg = decisionBoundaryChart(splitAt(0.3), corners, labels);
  // The axis goes from -0.08 to 1.08.
  for (const at of bordersAt(svg)) {
    assert(Math.abs(at - (0.3 + 0.08) / 1.16) < 1e-3, `${at}`);
  }
  const classes = decisionBoundaryChart(
    (points) => points.select(1, 0).gt(0.3).to("int32"),
    corners,
    labels,
  );
  for (const at of bordersAt(classes)) {
    assert(Math.abs(at - (0.3 + 0.08) / 1.16) < 1 / 149, `${at}`);
  }
});

Deno.test("decisionBoundaryChart() counts and rings samples on the wrong side", () => {
  const right = decisionBoundaryChart(splitAt(0.3), corners, labels);
  assertStringIncludes(right, "4 samples, 0 on the wrong side<");
  const wrong = decisionBoundaryChart(splitAt(-1), corners, labels);
  assertStringIncludes(wrong, "4 samples, 2 on the wrong side (ringed)");
  const [rings] = [...wrong.matchAll(/<path class="border" d="([^"]*)"/g)];
  assertEquals(rings![1]!.match(/M/g)!.length, 2);
});

Deno.test("decisionBoundaryChart() has a region and a name for each class", () => {
  const [x, y] = makeBlobs(60, { centers: 4, randomState: 0 });
  const centres = [0, 1, 2, 3].map((c) => {
    const own = y.eq(c).to("float32");
    return x.mul(own.unsqueeze(1)).sum(0).div(own.sum()).toArray() as number[];
  });
  const nearest = (points: Tensor) => {
    const middle = tensor(centres);
    return points.unsqueeze(1).sub(middle).square().sum(2).neg();
  };
  const classes = ["north", "east", "south", "west & <more>"];
  const svg = decisionBoundaryChart(nearest, x, y, { classes, title: `"B"` });
  assertEquals(svg.match(/fill-opacity="0.28"/g)!.length, 4);
  assertStringIncludes(svg, ">north<");
  assertStringIncludes(svg, "west &#38; &#60;more&#62;");
  assertStringIncludes(svg, "&#34;B&#34;");
  assert(!/NaN|undefined|Infinity/.test(svg));
});

Deno.test("decisionBoundaryChart() asks without gradients and in x's dtype", () => {
  const [x, y] = makeMoons(50, { randomState: 0, dtype: "float64" });
  const weight = tensor([[1, 2], [3, 4]], {
    dtype: "float64",
    requiresGrad: true,
  });
  const dtypes = new Set<string>();
  decisionBoundaryChart(
    (points) => {
      dtypes.add(`${points.dtype} ${isGradEnabled()}`);
      return points.matmul(weight);
    },
    x,
    y,
  );
  assertEquals([...dtypes], ["float64 false"]);
});

Deno.test("decisionBoundaryChart() refuses what it cannot draw", () => {
  const draw = (
    predict: (x: Tensor) => Tensor,
    x = corners,
    y = labels,
    resolution = 10,
  ) => decisionBoundaryChart(predict, x, y, { resolution });
  const split = splitAt(0);
  assertThrows(
    () => draw(split, zeros([4, 3])),
    RangeError,
    "got x [4, 3] and y [4], expected [n, 2] and [n]",
  );
  assertThrows(() => draw(split, zeros([0, 2]), zeros([0])), RangeError);
  assertThrows(
    () => draw(split, corners, tensor([0, 1, 0.5, 1])),
    RangeError,
    "got the class 0.5 in y",
  );
  assertThrows(
    () => draw((p) => p.sum(1, { keepdim: true })),
    RangeError,
    "got [100, 1] from predict(points), expected logits [n, C]",
  );
  assertThrows(
    () => draw(split, corners, labels, 1),
    RangeError,
    "got resolution 1",
  );
});
