import { manualSeed, randn, tensor } from "@fdunn/tensor";
import { runPython, scratchFolder } from "@fdunn/testing";
import { assertAlmostEquals, assertEquals } from "@std/assert";
import { SummaryWriter } from "./summary_writer.ts";

/** Reads a log folder with the real package; prints what it found as JSON. */
const READER = `
import io, json, sys
import numpy
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
found = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0})
found.Reload()
tags = found.Tags()
def histogram(tag):
    h = found.Histograms(tag)[0].histogram_value
    return [h.min, h.max, h.num, h.sum, h.sum_squares, list(h.bucket_limit), list(h.bucket)]
def image(tag):
    event = found.Images(tag)[0]
    pixels = numpy.asarray(Image.open(io.BytesIO(event.encoded_image_string)))
    return [event.width, event.height, pixels.tolist()]
print(json.dumps({
    "scalars": {t: [[e.step, e.wall_time, repr(e.value)] for e in found.Scalars(t)] for t in tags["scalars"]},
    "histograms": {t: histogram(t) for t in tags["histograms"]},
    "images": {t: image(t) for t in tags["images"]},
    "texts": {t: [e.tensor_proto.string_val[0].decode() for e in found.Tensors(t)] for t in tags["tensors"]},
    "plugin": {t: found.SummaryMetadata(t).plugin_data.plugin_name for t in tags["tensors"]},
}))
`;

Deno.test("TensorBoard reads what SummaryWriter wrote", async () => {
  using scratch = scratchFolder("tensorboard");
  manualSeed(0);
  const weights = randn([1000]);
  const grey = tensor([[[0, 0.5], [1, 2]]]); // [1, 2, 2]; 2 is clipped
  const red = tensor([[[1]], [[0]], [[-1]]]); // [3, 1, 1]
  const writer = new SummaryWriter(scratch.path, { now: () => 1.5e12 });
  writer.addScalar("loss", 0.1, 0);
  writer.addScalar("loss", -(2 ** 127), 2 ** 40);
  writer.addScalar("loss", NaN, 2 ** 40 + 1);
  writer.addScalars("accuracy", { train: 0.5, valid: 0.25 }, 7);
  writer.addHistogram("weights", weights, 1);
  writer.addHistogram("few", [1, NaN, -2, 0, Infinity], 1);
  writer.addImage("grey", grey, 1);
  writer.addImage("red", red, 1);
  writer.addText("note", "**größer** als `1`", 1);
  writer.flush();
  writer.close();

  const found = JSON.parse(await runPython(READER, [scratch.path]));
  assertEquals(found.scalars, {
    loss: [
      [0, 1.5e9, String(Math.fround(0.1))],
      [2 ** 40, 1.5e9, "-1.7014118346046923e+38"],
      [2 ** 40 + 1, 1.5e9, "nan"],
    ],
    "accuracy/train": [[7, 1.5e9, "0.5"]],
    "accuracy/valid": [[7, 1.5e9, "0.25"]],
  });
  const [min, max, count, sum, squares, limits, buckets] =
    found.histograms.weights;
  const values = weights.data() as Float32Array;
  assertEquals([min, max, count], [
    Math.min(...values),
    Math.max(...values),
    1000,
  ]);
  assertAlmostEquals(sum, values.reduce((a, b) => a + b, 0), 1e-3);
  assertAlmostEquals(squares, values.reduce((a, b) => a + b * b, 0), 1e-2);
  assertEquals(buckets.length, limits.length);
  for (let i = 1; i < limits.length; i++) {
    const inside = values.filter((v) => v >= limits[i - 1] && v < limits[i]);
    assertEquals(buckets[i], inside.length, `bucket below ${limits[i]}`);
  }
  assertEquals(found.histograms.few.slice(0, 5), [-2, 1, 3, -1, 5]);
  assertEquals(found.images, {
    grey: [2, 2, [[0, 128], [255, 255]]],
    red: [1, 1, [[[255, 0, 0]]]],
  });
  assertEquals(found.texts, { note: ["**größer** als `1`"] });
  assertEquals(found.plugin, { note: "text" });
});
