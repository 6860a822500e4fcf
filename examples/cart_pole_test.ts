import { Adam } from "@fdunn/optim";
import {
  Generator,
  manualSeed,
  streamFor,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import { type Callback, hashWeights, Trainer } from "@fdunn/train";
import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertNotEquals,
} from "@std/assert";
import { join } from "@std/path";
import { scratchFolder } from "@fdunn/testing";
import {
  ActorCritic,
  advantagesOf,
  clippedLoss,
  playGreedily,
  Rollouts,
} from "./actor_critic.ts";
import { CartPoles, LONGEST, STATE } from "./cart_poles.ts";
import { experiment } from "./run_command.ts";

/** States behind each action from [0.01, -0.02, 0.03, 0.04], by gymnasium 1.4. */
const GYMNASIUM: [action: number, state: number[]][] = [
  [1, [0.0096, 0.17467919574755525, 0.0308, -0.2430687179600081]],
  [0, [
    0.013093583914951107,
    -0.020868848948191993,
    0.025938625640799837,
    0.0591679999394166,
  ]],
  [1, [
    0.012676206935987267,
    0.1738717748734813,
    0.02712198563958817,
    -0.22521957255967326,
  ]],
  [1, [
    0.016153642433456895,
    0.36859581150093934,
    0.022617594188394704,
    -0.509225318312219,
  ]],
];

/** One cart that starts at gymnasium's place. */
function cart(): CartPoles {
  const poles = new CartPoles(1, new Generator(0));
  poles.states.set([0.01, -0.02, 0.03, 0.04]);
  return poles;
}

Deno.test("carts and poles move as gymnasium's", () => {
  const poles = cart();
  for (const [action, expected] of GYMNASIUM) {
    const { fallen, lastStates } = poles.step([action]);
    assertEquals([fallen, lastStates], [[false], [null]]);
    expected.forEach((x, i) => assertAlmostEquals(poles.states[i]!, x, 1e-15));
  }
});

Deno.test("an episode ends when the pole falls, and another begins", () => {
  const poles = cart();
  for (const [action] of GYMNASIUM) poles.step([action]);
  // gymnasium's pole falls with the ninth push to the right from here.
  poles.step([0]);
  for (let i = 0; i < 8; i++) {
    assertEquals(poles.step([1]).fallen, [false], `push ${i}`);
  }
  const { fallen, lastStates } = poles.step([1]);
  assertEquals(fallen, [true]);
  assertAlmostEquals(lastStates[0]![2]!, -0.18671792 - 0.02 * 2.6513822, 1e-7);
  assertEquals([poles.returns, [...poles.lengths]], [[14], [0]]);
  for (const x of poles.states) assertLess(Math.abs(x), 0.05);
});

Deno.test("an episode is cut off at its longest without a fall", () => {
  const poles = cart();
  poles.states.fill(0);
  poles.lengths[0] = LONGEST - 1;
  const { fallen, lastStates } = poles.step([1]);
  assertEquals(fallen, [false]);
  assertEquals(lastStates[0]!.length, STATE);
  assertEquals(poles.returns, [LONGEST]);
});

Deno.test("advantages are the discounted sums of surprises", () => {
  const played = {
    rewards: Float32Array.of(1, 1, 1, 1, 1, 1),
    goesOn: Uint8Array.of(1, 1, 0, 1, 1, 1), // cart 0 ends behind step 1
    values: Float32Array.of(2, 3, 1, 4, 5, 6, 7, 8),
  };
  const [g, l] = [0.9, 0.5];
  const found = advantagesOf(played, 2, { discount: g, trace: l });
  const surprise = [1 + g * 1 - 2, 1 + g * 4 - 3, 1 - 1, 1 + g * 6 - 4];
  surprise.push(1 + g * 7 - 5, 1 + g * 8 - 6);
  const last = surprise.slice(4);
  const middle = [surprise[2]!, surprise[3]! + g * l * last[1]!];
  const first = [0, 1].map((i) => surprise[i]! + g * l * middle[i]!);
  [...first, ...middle, ...last].forEach((a, i) =>
    assertAlmostEquals(found[i]!, a, 1e-6, `step ${i}`)
  );
  // With a trace of 1 they are what was earned less what was expected.
  const whole = advantagesOf(played, 2, { discount: 1, trace: 1 });
  assertAlmostEquals(whole[0]!, 2 - 2, 1e-6);
  assertAlmostEquals(whole[1]!, 3 + 8 - 3, 1e-6);
});

Deno.test("the clipped loss no longer pulls where the policy has moved enough", () => {
  manualSeed(0);
  const model = new ActorCritic(4);
  /** The actor's gradient; the first action went well, the second badly. */
  const gradient = (first: number, second: number, logProb: number) => {
    for (const p of model.parameters()) p.grad = null;
    const loss = clippedLoss(model, 0.2)({
      states: tensor([[first, 0, 0, 0], [0, second, 0, 0.2]]),
      actions: tensor([0, 1], { dtype: "int32" }),
      logProbs: tensor([logProb, logProb]),
      advantages: tensor([1, -1]),
      returns: tensor([0, 0]),
    });
    (loss as Tensor).backward();
    return model.actor.parameters()[0]!.grad!.toArray();
  };
  // Both are far more probable than they were: the first is let go.
  assertEquals(gradient(0.1, 0.1, -5), gradient(0.9, 0.1, -5));
  assertNotEquals(gradient(0.1, 0.1, -5), gradient(0.1, 0.9, -5));
  // Both are far less probable: so is the second.
  assertEquals(gradient(0.1, 0.1, 5), gradient(0.1, 0.9, 5));
  assertNotEquals(gradient(0.1, 0.1, 5), gradient(0.9, 0.1, 5));
});

/** A training of three epochs; stopped behind some batches if told. */
async function train(
  folder: string,
  { stopAt = 0, resumeFrom }: { stopAt?: number; resumeFrom?: string } = {},
): Promise<string> {
  manualSeed(3);
  const model = new ActorCritic(8);
  const poles = new CartPoles(2, streamFor("poles"));
  const options = { steps: 20, passes: 4, discount: 0.98, trace: 0.8 };
  const rollouts = new Rollouts(model, poles, options);
  const stopper: Callback = {
    onBatchEnd(trainer) {
      if (trainer.globalStep !== stopAt) return;
      trainer.stop();
    },
    onFitEnd(trainer) {
      if (stopAt > 0) trainer.saveCheckpoint(join(folder, "x.safetensors"));
    },
  };
  const trainer = new Trainer(model, {
    optimizer: new Adam(model.parameters(), { lr: 0.01 }),
    loss: clippedLoss(model, 0.2),
    epochs: 3,
    callbacks: [stopper],
  });
  await trainer.fit(
    rollouts,
    undefined,
    resumeFrom === undefined ? {} : { resumeFrom },
  );
  return await hashWeights(model);
}

Deno.test("a training that was stopped amid what it gathered goes on exactly", async () => {
  using scratch = scratchFolder("cart_pole");
  const { path } = scratch;
  const whole = await train(path);
  for (const stopAt of [4, 6]) {
    const part = await train(path, { stopAt });
    assertEquals(part === whole, false);
    const resumeFrom = join(path, "x.safetensors");
    assertEquals(await train(path, { resumeFrom }), whole, `step ${stopAt}`);
  }
});

Deno.test("--quick cart_pole balances the pole for 195 steps on average", async () => {
  const { parts, files } = await experiment("cart_pole --quick");
  const figures = parts[""]!;
  assertEquals(figures.solved, true);
  assertLess(194, figures.meanReturn as number);
  assertLess(300, figures.testReturn as number);
  assertEquals(figures.doctor, undefined);
  assertEquals(files.includes("return.svg"), true);
});

Deno.test("greedy play counts one episode for each cart", () => {
  manualSeed(0);
  const model = new ActorCritic(4);
  const earned = playGreedily(model, new CartPoles(5, new Generator(1)));
  assertEquals(earned.length, 5);
  for (const steps of earned) assertEquals(steps > 5 && steps <= 500, true);
});
