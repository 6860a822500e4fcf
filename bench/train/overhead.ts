/**
 * What the Trainer adds to a loop written out: both in turns, an epoch each, by
 * the processor's time, which counts little of what else the machine does.
 *
 *     deno task bench:trainer
 *
 * @module
 */

import { setNumThreads } from "@fdunn/tensor";
import { type Callback, Trainer } from "@fdunn/train";
import process from "node:process";
import { criterion, SETUPS, trainByHand } from "./setup.ts";

const ROUNDS = 60;
const WARM_UP = 10;
const SAMPLES: Record<string, number> = { MLP: 8192, CNN: 4096 };
/** Asks for nothing. */
const silent: Callback = {};

/** Microseconds that the processor has worked for this program. */
function clock(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

setNumThreads(1);
for (const [name, make] of Object.entries(SETUPS)) {
  const samples = SAMPLES[name.slice(0, 3)]!;
  const byHand = make(samples);
  const { model, optimizer, loader } = make(samples);
  const trainer = new Trainer(model, {
    optimizer,
    loss: criterion,
    epochs: 1,
    callbacks: [silent],
  });
  const [alone, trained]: [number[], number[]] = [[], []];
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    let start = clock();
    trainByHand(byHand);
    const byLoop = clock() - start;
    // What the collector has put off is done here, not at the Trainer's cost.
    await new Promise((resolve) => setTimeout(resolve, 1));
    start = clock();
    await trainer.fit(loader);
    const byTrainer = clock() - start;
    if (round < 0) continue;
    alone.push(byLoop);
    trained.push(byTrainer);
  }
  // Those rounds in which the machine did little else.
  const quiet = (times: number[]) => times.sort((a, b) => a - b)[ROUNDS / 10]!;
  const [a, b] = [quiet(alone), quiet(trained)];
  const micros = (time: number) => (time / loader.length).toFixed(2);
  console.log(
    `${name}: ${micros(a)} us a step by hand, ${micros(b)} by the Trainer, ${
      (100 * (b / a - 1)).toFixed(1)
    } % more`,
  );
}
