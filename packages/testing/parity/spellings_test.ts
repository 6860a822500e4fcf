/** Runs what stands in torch_spellings.ts, and compares it with PyTorch. */

import * as nn from "@fdunn/nn";
import * as fdunn from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { type FixtureData, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { SPELLINGS } from "./torch_spellings.ts";

interface Spelt {
  name: string;
  values: FixtureData[];
}

/** Random, and of the right shape: there is no value to compare. */
const RANDOM = "torch.randint_like";

const [scope, ...cases] = loadFixture<Spelt>("spellings").cases;
const [x, y, m, k, v] = scope!.values.map((value) => fixtureTensor(value));
const names = { ...fdunn, nn, x, y, m, k, v, dim: 1, n: 3 };

/** The value of an expression. */
function evaluate(expression: string): unknown {
  const body = `return ${expression};`;
  return new Function(...Object.keys(names), body)(...Object.values(names));
}

Deno.test("every spelling has PyTorch's value beside it", () => {
  const compared = [...cases.map(({ name }) => name), RANDOM];
  assertEquals(compared.toSorted(), Object.keys(SPELLINGS).sort());
  const drawn = evaluate(SPELLINGS[RANDOM]!) as fdunn.Tensor;
  assertEquals(drawn.shape, x!.shape);
});

for (const { name, values } of cases) {
  Deno.test(`${name} is written as ${SPELLINGS[name]}`, () => {
    const given = evaluate(SPELLINGS[name]!);
    const results = Array.isArray(given) ? given : [given];
    assertEquals(results.length, values.length);
    results.forEach((result, i) => {
      const mine = result instanceof fdunn.Tensor
        ? result
        : fdunn.tensor(result as number | boolean);
      const theirs = fixtureTensor(values[i]!);
      assertEquals(mine.shape, theirs.shape);
      const [a, b] = [mine, theirs].map((t) => t.to("float32"));
      const close = a!.allclose(b!, {
        rtol: 1e-5,
        atol: 1e-6,
        equalNan: true,
      });
      assertEquals(close, true, `${mine}, expected ${theirs}`);
    });
  });
}
