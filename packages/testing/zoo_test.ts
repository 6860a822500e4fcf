import { loadTorch } from "@fdunn/data";
import type { Tensor } from "@fdunn/tensor";
import { loadSafetensors } from "@fdunn/tensor/safetensors";
import { assertEquals } from "@std/assert";
import { formatFile } from "./fixture.ts";
import { assertNear } from "./relative_error.ts";
import { makeZoo } from "./zoo.ts";

/** A model that PyTorch trained, and what it makes of an input. */
interface Case {
  state: Record<string, Tensor>;
  input: Tensor;
  output: Tensor;
}

const cases = loadTorch<Record<string, Case>>(formatFile("zoo.pt"));

for (const [name, model] of Object.entries(makeZoo())) {
  const { state, input, output } = cases[name]!;

  Deno.test(`${name} trained in PyTorch are loaded by their own names`, () => {
    // The order, too, by which optimizers number their states.
    assertEquals(Object.keys(model.stateDict()), Object.keys(state));
    const report = model.loadStateDict(state);
    assertEquals(report, { missingKeys: [], unexpectedKeys: [] });
    model.eval();
    assertNear(model.forward(input), output, 1e-5, name);
  });

  Deno.test(`${name} are the same from safetensors, to the bit`, () => {
    const { tensors } = loadSafetensors(formatFile("zoo.safetensors"));
    const names = Object.keys(tensors)
      .filter((key) => key.startsWith(`${name}.`))
      .map((key) => key.slice(name.length + 1));
    assertEquals(names.sort(), Object.keys(state).sort());
    for (const [key, x] of Object.entries(state)) {
      const found = tensors[`${name}.${key}`]!;
      assertEquals([found.dtype, found.shape], [x.dtype, x.shape], key);
      assertEquals(found.data(), x.data(), key);
    }
    const loaded = makeZoo()[name]!;
    loaded.loadStateDict(
      Object.fromEntries(names.map((key) => [key, tensors[`${name}.${key}`]!])),
    );
    assertNear(loaded.eval().forward(input), output, 1e-5, name);
  });
}
