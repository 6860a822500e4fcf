/** What the Doctor costs: the same Trainer with and without it. */

import { type Callback, Doctor, Trainer } from "@fdunn/train";
import { criterion, SETUPS } from "./setup.ts";

const SAMPLES = 4096;

for (const [name, make] of Object.entries(SETUPS)) {
  const group = `an epoch of ${SAMPLES} samples, ${name}`;
  const { model, optimizer, loader } = make(SAMPLES);
  const doctor = new Doctor({ sink: () => {} });
  // One Trainer for both: where a model's bytes lie matters more than this.
  let watched = false;
  const trainer = new Trainer(model, {
    optimizer,
    loss: criterion,
    epochs: 1,
    callbacks: [{
      onFitStart: (trainer) => watched && doctor.onFitStart(trainer),
      onFitEnd: () => doctor.onFitEnd(),
    } as Callback],
  });
  for (const on of [false, true]) {
    const title = `${on ? "with a Doctor" : "without"}, ${group}`;
    Deno.bench(title, { group, baseline: !on }, async () => {
      watched = on;
      await trainer.fit(loader);
    });
  }
}
