import { type Page, scratchFolder, withPage } from "@fdunn/testing";
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";

/** A training that would take hours, in a process of its own. */
const PROGRAM = `
import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Flatten, Linear, ReLU, Sequential } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randint, randn } from "@fdunn/tensor";
import { Trainer } from "@fdunn/train";
import { Dashboard } from "@fdunn/train/dashboard";

manualSeed(0);
const data = new TensorDataset(randn([256, 1, 8, 8]), randint(0, 3, [256]));
const loader = new DataLoader(data, { batchSize: 16 });
const model = new Sequential(
  new Flatten(),
  new Linear(64, 16),
  new ReLU(),
  new Linear(16, 3),
);
const dashboard = new Dashboard({ name: "digits", every: 50 });
console.log(await dashboard.open());
const trainer = new Trainer(model, {
  optimizer: new SGD(model.parameters(), { lr: 0.01 }),
  loss: new CrossEntropyLoss(),
  epochs: 10_000_000,
  hyperparameters: { lr: 0.01, note: "<b>bold</b>" },
  callbacks: [dashboard],
});
await trainer.fit(loader, loader);
const { lr } = trainer.optimizer.paramGroups[0];
console.log(JSON.stringify({ stopped: trainer.stopped, lr }));
// Who looks on still sees how it ended.
await new Promise((resolve) => setTimeout(resolve, 2000));
await dashboard.close();
`;

const numbers = (page: Page) =>
  page.evaluate<string>(`document.querySelector("#numbers").textContent`);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

Deno.test("in Chromium curves move, and the buttons do what they say", async () => {
  using scratch = scratchFolder("dashboard");
  const program = join(scratch.path, "program.ts");
  Deno.writeTextFileSync(program, PROGRAM);
  await using training = new Deno.Command("deno", {
    args: [
      ...["run", "--quiet", "--no-prompt", "--no-check"],
      ...["--allow-net=127.0.0.1", program],
    ],
    stdout: "piped",
  }).spawn();
  const lines = training.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  const url = (await lines.read()).value!.trim();
  const errors: string[] = [];
  await withPage(async (page) => {
    page.on("console", (message) => errors.push(message.text()));
    await page.goto(url);
    await page.waitForSelector(".state.running");
    await page.waitForFunction(
      "document.querySelectorAll('canvas').length >= 4",
    );
    const text = await page.evaluate(
      "document.querySelector('h1').textContent",
    );
    assertEquals(text, "digits");

    // Curves move: the picture of the loss changes, the numbers too.
    const picture = () =>
      page.evaluate<string>("document.querySelector('canvas').toDataURL()");
    const before = [await picture(), await numbers(page)];
    await pause(1500);
    assert(await picture() !== before[0], "the curve stands still");
    assert(await numbers(page) !== before[1], "the numbers stand still");

    // Predictions of the first batch, statistics of each parameter.
    await page.waitForSelector("#samples img");
    await page.waitForSelector("#parameters tr");
    const count = (selector: string) =>
      page.evaluate<number>(`document.querySelectorAll("${selector}").length`);
    assertEquals(await count("#samples img"), 12);
    assertEquals(await count("#parameters tr"), 4);
    assertEquals(await count("#parameters svg"), 8);
    assertEquals(await count("b"), 0); // the note is text

    // Pause: the numbers stand still; and on again.
    await page.click("#pause");
    await page.waitForSelector(".state.paused");
    const still = await numbers(page);
    await pause(500);
    assertEquals(await numbers(page), still);
    await page.click("#pause");
    await page.waitForSelector(".state.running");
    await page.waitForFunction(
      `document.querySelector("#numbers").textContent !== ${
        JSON.stringify(still)
      }`,
    );

    // The learning rate: an empty field does not set it to 0.
    const type = (text: string) =>
      page.evaluate(`(() => {
        const rate = document.querySelector("#rate");
        rate.value = "${text}";
        rate.dispatchEvent(new Event("input"));
      })()`);
    const happened = (text: string) =>
      page.waitForFunction(
        `document.querySelector("#happenings").textContent.includes("${text}")`,
      );
    await type("");
    await page.click("#set-rate");
    await happened("at least 0");
    // What was typed stays until it is sent, though the field has no focus.
    await type("0.25");
    await pause(500);
    await page.click("#set-rate");
    await happened("set to 0.25");

    // Stop stops.
    await page.click("#stop");
    await page.waitForSelector(".state.stopped");
    assert(await page.evaluate("document.querySelector('#stop').disabled"));
    const { value = "" } = await lines.read();
    assertEquals(JSON.parse(value), { stopped: true, lr: 0.25 });

    // How it ended stays when the server has gone.
    await training.status;
    await pause(500);
    const state = await page.evaluate(
      "document.querySelector('#state').textContent",
    );
    assertEquals(state, "stopped");
  });
  await lines.cancel();
  assertEquals(errors, []);
});
