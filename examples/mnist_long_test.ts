import { assert } from "@std/assert";
import { memoryContext } from "./memory_context.ts";
import { experiment, type MnistConfig } from "./mnist_cnn.ts";

/** The accuracy after each epoch. */
async function train(config: Partial<MnistConfig>): Promise<number[]> {
  const { context, rows } = memoryContext();
  await experiment.run(experiment.configure(config, false), context);
  const accuracies = rows.get("")!.map((row) => row.validAccuracy!);
  console.log(
    Deno.inspect(config),
    accuracies.map((accuracy) => accuracy.toFixed(4)).join(" "),
    `${Math.max(...rows.get("")!.map((r) => r.itPerSecond!)).toFixed(0)} it/s`,
  );
  return accuracies;
}

/** What three seeds reach: the middle one of each figure. */
interface Medians {
  first: number;
  best: number;
  last: number;
}

async function medians(config: Partial<MnistConfig>): Promise<Medians> {
  const runs: number[][] = [];
  for (const seed of [0, 1, 2]) {
    runs.push(await train({ ...config, seed }));
  }
  const middle = (figure: (run: number[]) => number) =>
    runs.map(figure).sort((a, b) => a - b)[1]!;
  return {
    first: middle((run) => run[0]!),
    best: middle((run) => Math.max(...run)),
    last: middle((run) => run.at(-1)!),
  };
}

function assertAtLeast(value: number, bound: number, what: string): void {
  assert(value >= bound, `${what} is ${value}, expected at least ${bound}`);
}

Deno.test("the sigmoid net reaches 0.90 after one epoch, 0.975 in ten", async () => {
  const { first, best } = await medians({ activation: "sigmoid" });
  assertAtLeast(first, 0.9, "the median after one epoch");
  assertAtLeast(best, 0.975, "the median of the best of ten");
});

Deno.test("the ReLU net reaches 0.95 after one epoch, 0.980 in ten, and ends above 0.975", async () => {
  const { first, best, last } = await medians({ activation: "relu" });
  assertAtLeast(first, 0.95, "the median after one epoch");
  assertAtLeast(best, 0.98, "the median of the best of ten");
  assertAtLeast(last, 0.975, "the median of the last");
});

Deno.test("Adam reaches 0.95 in two epochs", async () => {
  const { last } = await medians({
    optimizer: "adam",
    epochs: 2,
  });
  assertAtLeast(last, 0.95, "the median of the last");
});
