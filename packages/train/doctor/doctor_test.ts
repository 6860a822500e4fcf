import { DataLoader, makeMoons, TensorDataset } from "@fdunn/data";
import {
  type AnyModule,
  BatchNorm1d,
  CrossEntropyLoss,
  Dropout,
  init,
  Linear,
  Module,
  MSELoss,
  ReLU,
  relu,
  Sequential,
  Softmax,
} from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import { manualSeed, randn, type Tensor, zeros } from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import { Doctor, type DoctorOptions, type Mistake } from "./doctor.ts";
import { mlp, points, quiet } from "./doctor_setup_test.ts";
import { RunFolder } from "../runs/run_folder.ts";
import type { StepOptimizer } from "../trainable.ts";
import { Trainer } from "../trainer.ts";

const loss = new CrossEntropyLoss();

/** What a doctor finds in a training by the Trainer. */
async function findings(
  model: AnyModule & Module,
  options: {
    data?: [Tensor, Tensor];
    optimizer?: StepOptimizer;
    epochs?: number;
    doctor?: DoctorOptions;
  } = {},
): Promise<[Mistake, string][]> {
  const doctor = quiet(options.doctor);
  const loader = new DataLoader(
    new TensorDataset(...(options.data ?? points())),
    { batchSize: 16 },
  );
  const trainer = new Trainer(model, {
    optimizer: options.optimizer ?? new SGD(model.parameters(), { lr: 0.1 }),
    loss,
    epochs: options.epochs ?? 3,
    callbacks: [doctor],
  });
  await trainer.fit(loader, loader);
  return doctor.findings.map(({ mistake, message }) => [mistake, message]);
}

Deno.test("the doctor passes on that softmax comes before cross entropy", async () => {
  const found = await findings(mlp(new ReLU()).append(new Softmax(1)));
  assertEquals(found.length, 1);
  const [mistake, message] = found[0]!;
  assertEquals(mistake, "tensor-warning");
  assertStringIncludes(message, "crossEntropy() got the output of softmax()");
});

Deno.test("the doctor notices parameters that no optimizer holds", async () => {
  const model = mlp(new ReLU());
  const some = new SGD([...model.children()[0]!.parameters()], { lr: 0.1 });
  const [[mistake, message] = []] = await findings(model, { optimizer: some });
  assertEquals(mistake, "optimizer-parameters");
  assertStringIncludes(
    message!,
    "SGD does not hold 2 of the model's 4 parameters (2.weight, 2.bias)",
  );
  const other = new SGD(mlp(new ReLU()).parameters(), { lr: 0.1 });
  const [[, none] = []] = await findings(mlp(), { optimizer: other });
  assertStringIncludes(none!, "does not hold any of the model's 4 parameters");
});

Deno.test("the doctor accepts frozen parameters and several optimizers", () => {
  const model = mlp(new ReLU());
  const doctor = quiet();
  const halves = [model.children()[0]!, model.children()[2]!].map((m) =>
    new SGD(m.parameters(), { lr: 0.1 })
  );
  doctor.watch({ model, optimizer: halves })();
  (model.children()[0] as Linear).requiresGrad_(false);
  doctor.watch({ model, optimizer: halves[1]! })();
  assertEquals(doctor.findings, []);
});

Deno.test("the doctor notices a model that another optimizer has trained", async () => {
  const model = mlp(new ReLU());
  assertEquals(await findings(model), []);
  const adam = new Adam(model.parameters(), { lr: 0.001 });
  const [[mistake, message] = []] = await findings(model, { optimizer: adam });
  assertEquals(mistake, "continued-weights");
  assertStringIncludes(message!, "weights that SGD has trained");
  const doctor = { continues: true };
  const other = new Adam(model.parameters(), { lr: 0.001 });
  assertEquals(await findings(model, { optimizer: other, doctor }), []);
});

Deno.test("the doctor lets fit() go on with what it has begun", async () => {
  const doctor = quiet();
  const model = mlp(new ReLU());
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss,
    epochs: 1,
    callbacks: [doctor],
  });
  await trainer.fit([points()]);
  await trainer.fit([points()]);
  assertEquals(doctor.findings, []);
});

Deno.test("the doctor recognises the last weights of another run", async () => {
  Deno.mkdirSync(".scratch", { recursive: true });
  const runs = Deno.makeTempDirSync({ dir: ".scratch", prefix: "doctor_" });
  try {
    Deno.writeTextFileSync(join(runs, "no_run.txt"), "");
    const train = async (
      name: string,
      start: Record<string, Tensor> | null,
    ) => {
      manualSeed(1);
      const model = mlp(new ReLU());
      if (start !== null) model.loadStateDict(start);
      const doctor = quiet({ runs });
      const trainer = new Trainer(model, {
        optimizer: new SGD(model.parameters(), { lr: 0.1 }),
        loss,
        epochs: 2,
        callbacks: [
          new RunFolder(join(runs, name), { model, config: {} }),
          doctor,
        ],
      });
      await trainer.fit([points()]);
      return { doctor, model };
    };
    const first = await train("first", null);
    // The same seed gives the same start, which is none of a run's ends.
    const second = await train("second", null);
    assertEquals([first.doctor.findings, second.doctor.findings], [[], []]);
    const third = await train("third", first.model.stateDict());
    assertMatch(
      third.doctor.findings[0]!.message,
      /weights that \S+(first|second) ended with after 2 epochs/,
    );
    assertEquals(third.doctor.findings.length, 1);
  } finally {
    Deno.removeSync(runs, { recursive: true });
  }
});

Deno.test("the doctor notices inputs that are not scaled", async () => {
  const [x, y] = points();
  const on = async (scaled: Tensor, model = mlp(new ReLU())) => {
    const optimizer = new SGD(model.parameters(), { lr: 1e-6 });
    return (await findings(model, { data: [scaled, y], optimizer }))[0];
  };
  const pixels = await on(x.mul(60).add(128));
  assertEquals(pixels![0], "unscaled-inputs");
  assertMatch(
    pixels![1],
    /not scaled: up to \d+ in size.*Divide pixels by 255/,
  );
  assertStringIncludes((await on(x.mul(1e-4)))![1], "inputs are tiny");
  for (const good of [x, x.mul(3).add(2), x.mul(0.1), zeros([64, 2])]) {
    assertEquals(await on(good), undefined);
  }
  const normed = new Sequential(new BatchNorm1d(2), mlp(new ReLU()));
  assertEquals(await on(x.mul(60).add(128), normed as never), undefined);
});

Deno.test("the doctor notices a loss that stays at ln(classes)", async () => {
  const model = mlp(new ReLU());
  for (const parameter of model.parameters()) init.zeros_(parameter);
  const optimizer = new SGD(model.parameters(), { lr: 1e-5 });
  const options = { optimizer, epochs: 30, doctor: { patience: 100 } };
  const [[mistake, message] = []] = await findings(model, options);
  assertEquals(mistake, "stuck-loss");
  assertStringIncludes(
    message!,
    "has stayed at 0.693, which is ln(2), for 100 steps",
  );
});

Deno.test("the doctor has more patience with steps of few samples", () => {
  const stuckAfter = (samples: number) => {
    const model = new Linear(2, 2);
    for (const parameter of model.parameters()) init.zeros_(parameter);
    const doctor = quiet({ patience: 4 });
    const optimizer = new SGD(model.parameters(), { lr: 0 });
    const stop = doctor.watch({ model, optimizer, loss });
    const [x, y] = points(samples);
    let steps = 0;
    while (doctor.findings.length === 0) {
      loss.forward(model.forward(x), y);
      steps++;
    }
    stop();
    return steps;
  };
  assertEquals([1, 2, 16, 64].map(stuckAfter), [64, 32, 4, 4]);
});

Deno.test("the doctor reads summed losses by the sample", () => {
  const model = new Linear(2, 2);
  const criterion = new CrossEntropyLoss({ reduction: "sum" });
  for (const parameter of model.parameters()) init.zeros_(parameter);
  const doctor = quiet({ patience: 6 });
  const optimizer = new SGD(model.parameters(), { lr: 0 });
  const stop = doctor.watch({ model, optimizer, loss: criterion });
  const [x, y] = points();
  for (let i = 0; i < 6; i++) criterion.forward(model.forward(x), y);
  stop();
  assertEquals(doctor.findings.map((f) => f.mistake), ["stuck-loss"]);
});

Deno.test("the doctor notices dead ReLUs", async () => {
  const model = mlp(new ReLU());
  const first = model.children()[0]! as Linear;
  init.constant_(first.bias!, -100); // as after a step that was too large
  const [[mistake, message] = []] = await findings(model, { epochs: 30 });
  assertEquals(mistake, "dead-units");
  assertMatch(
    message!,
    /^16 of the 16 units of the ReLU after "0" gave 0 for each of \d+ samples/,
  );
});

/** A net without modules for what happens between its layers. */
class Functional extends Module<[Tensor]> {
  hidden = new Linear(2, 16);
  out = new Linear(16, 2);
  constructor(readonly act: (x: Tensor) => Tensor) {
    super();
  }
  forward(x: Tensor): Tensor {
    return this.out.forward(this.act(this.hidden.forward(x)));
  }
}

Deno.test("the doctor notices dead units of functions, too", async () => {
  for (
    const act of [relu, (x: Tensor) => x.relu(), (x: Tensor) => x.clamp(0, 6)]
  ) {
    const model = new Functional(act);
    assertEquals(await findings(model, { epochs: 30 }), []);
    const dying = new Functional(act);
    init.constant_(dying.hidden.bias!, -100);
    const [[mistake, message] = []] = await findings(dying, { epochs: 30 });
    assertEquals(mistake, "dead-units");
    assertStringIncludes(message!, '16 of the 16 units of the ReLU after "hid');
  }
  // What leaks is not dead.
  const leaking = new Functional((x) => x.clamp(-1, 6));
  init.constant_(leaking.hidden.bias!, -100);
  const optimizer = new SGD(leaking.parameters(), { lr: 0.01 });
  const found = await findings(leaking, { epochs: 30, optimizer });
  assertEquals(found.filter(([mistake]) => mistake === "dead-units"), []);
});

Deno.test("the doctor notices ReLUs that die on the way", async () => {
  const model = mlp(new ReLU());
  const first = model.children()[0]! as Linear;
  const doctor = quiet();
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.01 }),
    loss,
    epochs: 1000,
    callbacks: [doctor, {
      onEpochStart({ epoch }) {
        if (epoch === 500) init.constant_(first.bias!, -100);
      },
    }],
  });
  const [x, y] = points();
  await trainer.fit([[x, y], [x, y], [x, y]]);
  // What is left can only learn how frequent the classes are.
  const found = doctor.findings.map((f) => f.mistake);
  assertEquals(found.filter((mistake) => mistake !== "stuck-loss"), [
    "dead-units",
  ]);
});

Deno.test("the doctor leaves everything as it was", async () => {
  const model = mlp(new ReLU(), new Dropout(0.1));
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const criterion = new CrossEntropyLoss();
  const owned = () =>
    [optimizer, criterion, ...model.modules()].map((object) =>
      ["step", "forward"].filter((name) => Object.hasOwn(object, name))
    ).flat();
  const doctor = quiet();
  const trainer = new Trainer(model, {
    optimizer,
    loss: criterion,
    epochs: 2,
    callbacks: [doctor],
  });
  await trainer.fit([points()]);
  assertEquals(owned(), []);
  await assertRejects(() => trainer.fit([])); // and where training breaks off
  assertEquals(owned(), []);
  const parameters = model.parameters();
  assert(parameters.every((p) => (p.slot.hooks ?? []).length === 0));
});

Deno.test("the doctor changes no result", async () => {
  const weights = async (callbacks: Doctor[]) => {
    manualSeed(5);
    const model = mlp(new BatchNorm1d(16), new ReLU(), new Dropout(0.3));
    const [x, y] = points();
    const trainer = new Trainer(model, {
      optimizer: new Adam(model.parameters(), { lr: 0.01 }),
      loss,
      epochs: 5,
      callbacks,
    });
    const data = new TensorDataset(x, y);
    await trainer.fit(new DataLoader(data, { batchSize: 8, shuffle: true }));
    return Object.values(model.stateDict()).map((t) => t.toArray());
  };
  assertEquals(await weights([quiet()]), await weights([]));
});

Deno.test("the doctor finds nothing wrong with regression, strange losses or moons", async () => {
  const doctor = quiet();
  const model = new Linear(2, 1);
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    // No module, and no reduction.
    loss: { forward: (a, b) => new MSELoss().forward(a, b) },
    epochs: 2,
    callbacks: [doctor],
  });
  await trainer.fit([[randn([8, 2]), randn([8, 1])]]);
  assertEquals(doctor.findings, []);
  const data = makeMoons(200, { noise: 0.1, randomState: 0 });
  const small = { data, epochs: 100, doctor: { patience: 100 } };
  assertEquals(await findings(mlp(new ReLU()), small), []);
});

Deno.test("Doctor warns on the console, once each", () => {
  const { warn } = console;
  const said: string[] = [];
  console.warn = (message: string) => said.push(message);
  try {
    const doctor = new Doctor();
    const model = mlp(new ReLU());
    const optimizer = new SGD([...model.children()[0]!.parameters()], {
      lr: 0.1,
    });
    doctor.watch({ model, optimizer })();
    doctor.watch({ model, optimizer })();
  } finally {
    console.warn = warn;
  }
  assertEquals(said.length, 1);
  assertStringIncludes(said[0]!, "SGD does not hold");
});

Deno.test("Doctor says what it cannot do", async () => {
  assertThrows(
    () => new Doctor({ patience: 0 }),
    RangeError,
    "Doctor got patience 0, expected a whole number of at least 1",
  );
  const doctor = quiet();
  const model = new Linear(1, 1);
  const optimizer = new SGD(model.parameters(), { lr: 0.1 });
  const stop = doctor.watch({ model, optimizer });
  assertThrows(
    () => doctor.watch({ model, optimizer }),
    Error,
    "watches a training already",
  );
  stop();
  stop();
  const plain = { training: true, train() {}, forward: (x: Tensor) => x };
  const trainer = new Trainer(plain, { optimizer, loss, callbacks: [doctor] });
  await assertRejects(
    () => trainer.fit([points()]),
    TypeError,
    "whose model is no nn.Module",
  );
});
