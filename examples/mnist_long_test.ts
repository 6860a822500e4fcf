import type { EpochRecord } from "@fdunn/train";
import { assert } from "@std/assert";
import { defaults, type MnistConfig, mnistRun } from "./mnist_cnn.ts";

async function train(config: Partial<MnistConfig>): Promise<EpochRecord[]> {
  const run = await mnistRun({ ...defaults, ...config });
  const history = await run.start();
  console.log(
    Deno.inspect(config),
    history.map((r) => r.validAccuracy!.toFixed(4)).join(" "),
    `${Math.max(...history.map((r) => r.itPerSecond)).toFixed(0)} it/s`,
  );
  return history;
}

const accuracies = (history: EpochRecord[]) =>
  history.map((record) => record.validAccuracy!);

/** The middle one of three seeds' accuracies after one epoch. */
async function medianAfterOne(config: Partial<MnistConfig>): Promise<number> {
  const reached: number[] = [];
  for (const seed of [0, 1, 2]) {
    const history = await train({ ...config, seed, epochs: 1 });
    reached.push(...accuracies(history));
  }
  return reached.sort((a, b) => a - b)[1]!;
}

function assertAtLeast(value: number, bound: number, what: string): void {
  assert(value >= bound, `${what} is ${value}, expected at least ${bound}`);
}

Deno.test("the sigmoid net reaches 0.90 after one epoch", async () => {
  assertAtLeast(await medianAfterOne({}), 0.9, "the median of three seeds");
});

Deno.test("the ReLU net reaches 0.95 after one epoch", async () => {
  const median = await medianAfterOne({ activation: "relu" });
  assertAtLeast(median, 0.95, "the median of three seeds");
});

Deno.test("the sigmoid net reaches 0.975 in ten epochs", async () => {
  const reached = accuracies(await train({ epochs: 10 }));
  assertAtLeast(Math.max(...reached), 0.975, "the best of ten epochs");
});

Deno.test("the ReLU net reaches 0.980 in ten epochs, and stays above 0.975", async () => {
  const reached = accuracies(await train({ activation: "relu", epochs: 10 }));
  assertAtLeast(Math.max(...reached), 0.98, "the best of ten epochs");
  assertAtLeast(reached.at(-1)!, 0.975, "the last of ten epochs");
});

Deno.test("Adam reaches 0.95 in two epochs", async () => {
  const config = { optimizer: "adam", lr: 0.001, reduction: "mean" } as const;
  const reached = accuracies(await train({ ...config, epochs: 2 }));
  assertAtLeast(reached.at(-1)!, 0.95, "the second epoch");
});
