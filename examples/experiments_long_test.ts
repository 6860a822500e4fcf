import { assert } from "@std/assert";
import { medianOf } from "./figures.ts";
import { experiment as normalization } from "./normalization.ts";
import { memoryContext, type Told } from "./memory_context.ts";
import { experiment as palindromes } from "./palindrome_rnn.ts";
import { experiment as run } from "./run_command.ts";
import { experiment as toyMlp } from "./toy_mlp.ts";
import type { Experiment } from "./experiment.ts";

/** What three seeds of an experiment tell. */
async function threeSeeds(
  experiment: Experiment,
  given: Record<string, unknown>,
): Promise<Told[]> {
  const runs: Told[] = [];
  for (const seed of [0, 1, 2]) {
    const told = memoryContext();
    await experiment.run(
      experiment.configure({ ...given, seed }, false),
      told.context,
    );
    runs.push(told);
  }
  return runs;
}

for (
  const [task, least] of [
    ["moons", 0.995],
    ["circles", 0.8],
    ["classification", 0.93],
  ] as const
) {
  Deno.test(`the toy MLP reaches ${least} on ${task}, each seed in 20 s`, async () => {
    const start = performance.now();
    const runs = await threeSeeds(toyMlp, { tasks: [task] });
    const seconds = (performance.now() - start) / 3000;
    const best = medianOf(
      runs.map(({ rows }) =>
        Math.max(...rows.get(task)!.map((row) => row.validAccuracy!))
      ),
    )!;
    console.log(task, best, `${seconds.toFixed(1)} s`);
    assert(best >= least, `${best}, expected at least ${least}`);
    assert(seconds < 20, `${seconds} s`);
  });
}

Deno.test("the steady RNN learns palindromes of every length, and keeps them", async () => {
  const config = { runs: ["steady"], epochs: 40 };
  for (const { rows } of await threeSeeds(palindromes, config)) {
    assert(rows.size === 3);
    for (const [part, all] of rows) {
      const last = all.slice(-20).map((row) => row.validAccuracy!);
      assert(Math.min(...last) >= 0.99, `${part}: ${last}`);
    }
  }
});

// Plain logits with the report's settings reach 0.4 to 1 by the seed, in PyTorch
// as here; the steady ones above learn this length on every seed.
Deno.test("a second softmax keeps T = 19 from being learnt", async () => {
  const config = { lengths: [19], runs: ["report"], epochs: 30 };
  for (const { rows } of await threeSeeds(palindromes, config)) {
    const all = rows.get("T = 19, double softmax")!;
    const best = Math.max(...all.map((row) => row.validAccuracy!));
    assert(best < 0.75, `double softmax ${best}`);
  }
});

Deno.test("normalised nets learn in an epoch, where the bare one stays at ln 10", async () => {
  const { context, rows } = memoryContext();
  await normalization.run(normalization.configure({}, true), context);
  const last = (kind: string) => rows.get(kind)!.at(-1)!.validAccuracy!;
  assert(last("none") < 0.2, `none ${last("none")}`);
  for (const kind of ["batch", "layer", "group"]) {
    assert(last(kind) > 0.5, `${kind} ${last(kind)}`);
  }
});

Deno.test("--quick mnist_cnn and char_gpt learn, by the real command", async () => {
  const mnist = await run("mnist_cnn --quick");
  assert(mnist.parts[""]!.bestAccuracy! > 0.9);
  const gpt = await run("char_gpt --quick");
  const { firstAccuracy, bestAccuracy } = gpt.parts[""]!;
  assert(bestAccuracy! > firstAccuracy! && bestAccuracy! > 0.3);
  for (const { parts } of [mnist, gpt]) {
    assert(parts[""]!.doctor === undefined, `${parts[""]!.doctor}`);
  }
});
