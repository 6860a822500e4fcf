import { zeros } from "@fdunn/tensor";
import { Flatten } from "@fdunn/nn";
import { assertEquals } from "@std/assert";

Deno.test("Flatten keeps the batch unless told otherwise", () => {
  const x = zeros([2, 3, 4, 5]);
  assertEquals(new Flatten().forward(x).shape, [2, 60]);
  assertEquals(new Flatten(0).forward(x).shape, [120]);
  assertEquals(new Flatten(1, 2).forward(x).shape, [2, 12, 5]);
  assertEquals(`${new Flatten()}`, "Flatten(startDim=1, endDim=-1)");
});
