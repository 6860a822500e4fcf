import { assertEquals } from "@std/assert";
import { interpolate, randn } from "../mod.ts";
import { floats, onThreads } from "../samples_test.ts";

Deno.test("interpolate() gives the same bits on any number of threads", async () => {
  const x = randn([2, 8, 60, 70], { requiresGrad: true });
  const run = () => {
    const y = interpolate(x, { scaleFactor: 2, mode: "bilinear" });
    x.grad = null;
    y.square().sum().backward();
    return [floats(y), floats(x.grad!)];
  };
  const [one, two, three] = await onThreads(run);
  assertEquals(two, one);
  assertEquals(three, one);
});
