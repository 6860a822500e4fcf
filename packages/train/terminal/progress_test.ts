import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { EpochRecord } from "../callback.ts";
import {
  barLine,
  type BarState,
  epochLine,
  ProgressBar,
  type ProgressOutput,
} from "./progress.ts";
import type { Trainer } from "../trainer.ts";

const STATE: BarState = {
  epoch: 2,
  lastEpoch: 10,
  step: 1875,
  steps: 3750,
  speed: 412.4,
  elapsed: 14,
  remaining: 65,
  loss: 0.21339,
  doing: "",
};

const RECORD: EpochRecord = {
  epoch: 3,
  trainLoss: 0.08119,
  validLoss: 0.07541,
  validAccuracy: 0.97634,
  itPerSecond: 412.3,
  seconds: 9.07,
  steps: 3750,
};

/** An output that keeps what was written. */
class Recorder implements ProgressOutput {
  readonly terminal: boolean;
  readonly columns = 100;
  readonly colour = false;
  text = "";

  constructor(terminal: boolean) {
    this.terminal = terminal;
  }

  write(text: string): void {
    this.text += text;
  }
}

/** Lets a bar watch 2 epochs of 100 steps of 10 ms each. */
function watch(output: ProgressOutput, stepsPerEpoch: number | null): void {
  let time = 0;
  const bar = new ProgressBar({ output, now: () => time });
  const trainer = {
    epoch: 0,
    lastEpoch: 2,
    step: 0,
    stepsPerEpoch,
    trainLoss: 0.5,
  };
  const watched = trainer as unknown as Trainer;
  bar.onFitStart(watched);
  for (trainer.epoch = 1; trainer.epoch <= 2; trainer.epoch++) {
    trainer.step = 0;
    bar.onEpochStart(watched);
    while (trainer.step < 100) {
      time += 10;
      trainer.step++;
      bar.onStep(watched);
    }
    bar.onEvaluationStart(watched);
    bar.onEpochEnd(watched, { ...RECORD, epoch: trainer.epoch, steps: 100 });
  }
  bar.onFitEnd();
}

Deno.test("barLine() shows epoch, steps, speed, loss and times", () => {
  assertEquals(
    barLine(STATE, 90, false),
    "epoch 2/10 ━━━━━━━━━━────────── 1875/3750  412 it/s  loss 0.2134  0:14 elapsed  1:05 left",
  );
});

Deno.test("barLine() never fills the line, however narrow", () => {
  for (let columns = 1; columns < 160; columns++) {
    const line = barLine(STATE, columns, false);
    assert(line.length <= columns - 1, `${columns}: ${line.length}`);
  }
});

Deno.test("barLine() does without what is unknown", () => {
  const line = barLine(
    { ...STATE, steps: null, remaining: null, speed: 0, loss: NaN },
    90,
    false,
  );
  assert(!/left|it\/s|loss|NaN|null/.test(line), line);
});

Deno.test("barLine() shows hours when there are some", () => {
  const line = barLine({ ...STATE, elapsed: 3723 }, 100, false);
  assertStringIncludes(line, "1:02:03 elapsed");
});

Deno.test("epochLine() is one plain line", () => {
  assertEquals(
    epochLine(RECORD, 10),
    "epoch  3/10  train loss 0.0812  valid loss 0.0754  valid accuracy 97.63 %  412 it/s  9.1 s",
  );
});

Deno.test("epochLine() leaves out validation that there was not", () => {
  const line = epochLine({
    ...RECORD,
    validLoss: null,
    validAccuracy: null,
    steps: 12,
    interrupted: true,
  }, 3);
  assertEquals(
    line,
    "epoch 3/3  train loss 0.0812  412 it/s  9.1 s  stopped after step 12",
  );
});

Deno.test("ProgressBar writes only one line an epoch into a log", () => {
  const log = new Recorder(false);
  watch(log, 100);
  assertEquals(log.text.split("\n").length, 3);
  assert(!log.text.includes("\r") && !log.text.includes("\x1b"));
});

Deno.test("ProgressBar redraws in place on a terminal, ten times a second", () => {
  const screen = new Recorder(true);
  watch(screen, 100);
  const drawn = screen.text.split("\r\x1b[2K").slice(1);
  // Each second has a start, 9 or 10 redraws, a validation and an erasing.
  assert(drawn.length >= 20 && drawn.length <= 30, `${drawn.length}`);
  assertEquals(drawn.filter((line) => line.endsWith(" s\n")).length, 2);
  const middle = drawn.find((line) => line.includes(" 50/100"))!;
  assertStringIncludes(middle, "100 it/s");
  assertStringIncludes(middle, "0:01 elapsed");
  assertStringIncludes(middle, "0:02 left");
});

Deno.test("ProgressBar works without a known number of steps", () => {
  const screen = new Recorder(true);
  watch(screen, null);
  assertStringIncludes(screen.text, " 50  100 it/s");
  assert(!screen.text.includes("left"));
});
