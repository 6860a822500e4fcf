/** An epoch by the Trainer beside the same loop written out. */

import { type Callback, Trainer } from "@fdunn/train";
import { criterion, SETUPS, trainByHand } from "./setup.ts";

const SAMPLES = 1024;
/** Asks for nothing. */
const silent: Callback = {};

for (const [name, make] of Object.entries(SETUPS)) {
  const group = `an epoch of ${SAMPLES} samples, ${name}`;
  const byHand = make(SAMPLES);
  Deno.bench(
    `the loop alone, ${group}`,
    { group, baseline: true },
    () => trainByHand(byHand),
  );
  const { model, optimizer, loader } = make(SAMPLES);
  const trainer = new Trainer(model, {
    optimizer,
    loss: criterion,
    epochs: 1,
    callbacks: [silent],
  });
  Deno.bench(`Trainer, ${group}`, { group }, async () => {
    await trainer.fit(loader);
  });
}
