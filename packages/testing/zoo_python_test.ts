import { loadTorch, saveNpz } from "@fdunn/data";
import { Adam } from "@fdunn/optim";
import type { Tensor } from "@fdunn/tensor";
import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { scratchFolder } from "./child.ts";
import { formatFile } from "./fixture.ts";
import { runPython } from "./python.ts";
import { assertNear } from "./relative_error.ts";
import { makeZoo } from "./zoo.ts";

/**
 * Loads the states of the zoo's models that fdunn trained, asks the models, and
 * saves what they answer and, as PyTorch does, their states.
 */
const LOADER = `
import sys
sys.path.insert(0, "packages/testing/fixtures")
import numpy, safetensors.torch, torch, zoo
folder = sys.argv[1]
answers = {}
for name, model in zoo.make_zoo().items():
    state = safetensors.torch.load_file(f"{folder}/{name}.safetensors")
    print(model.load_state_dict(state, strict=True))
    own = model.state_dict()
    assert all(torch.equal(own[key], value.to(own[key].dtype)) for key, value in state.items())
    arrays = numpy.load(f"{folder}/{name}.npz")
    assert list(arrays) == list(own)
    assert all(numpy.array_equal(own[key].numpy(), arrays[key]) for key in own)
    with torch.no_grad():
        answers[name] = model.eval()(zoo.inputs(name))
    torch.save(own, f"{folder}/{name}.pt")
safetensors.torch.save_file(answers, f"{folder}/answers.safetensors")
`;

Deno.test("PyTorch loads what was trained here, and what it saves is loaded here", async () => {
  using scratch = scratchFolder("zoo");
  const folder = scratch.path;
  const cases = loadTorch<Record<string, { input: Tensor }>>(
    formatFile("zoo.pt"),
  );
  const expected: Record<string, Tensor> = {};
  const models = makeZoo();
  for (const [name, model] of Object.entries(models)) {
    const { input } = cases[name]!;
    const optimizer = new Adam(model.parameters(), { lr: 0.02 });
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      model.forward(input).square().mean().backward();
      optimizer.step();
    }
    expected[name] = model.eval().forward(input);
    const state = model.stateDict();
    const path = join(folder, name);
    Deno.writeFileSync(`${path}.safetensors`, saveSafetensors(state));
    Deno.writeFileSync(`${path}.npz`, saveNpz(state));
  }

  const printed = await runPython(LOADER, [folder]);
  const lines = printed.trim().split("\n");
  assertEquals(lines, new Array(3).fill("<All keys matched successfully>"));
  const { tensors: answers } = loadSafetensors(
    Deno.readFileSync(join(folder, "answers.safetensors")),
  );
  for (const [name, model] of Object.entries(models)) {
    assertNear(answers[name]!, expected[name]!, 1e-5, name);
    const state = model.stateDict();
    const back = loadTorch(Deno.readFileSync(join(folder, `${name}.pt`)));
    assertEquals(Object.keys(back), Object.keys(state));
    for (const [key, x] of Object.entries(state)) {
      assertEquals(back[key]!.to(x.dtype).data(), x.data(), key);
    }
  }
});
