import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear } from "@fdunn/nn";
import { SGD } from "@fdunn/optim";
import { manualSeed, randn } from "@fdunn/tensor";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Callback } from "../callback.ts";
import { type Terminal, TerminalView } from "./terminal_view.ts";
import { Trainer } from "../trainer.ts";

/** A screen that keeps what was drawn, and keys that can be pressed. */
class FakeTerminal implements Terminal {
  readonly written: string[] = [];
  readonly colour = false;
  readonly terminal: boolean;
  readonly columns: number;
  readonly rows: number;
  press: ((key: string) => void) | null = null;

  constructor(columns = 120, rows = 30, terminal = true) {
    this.columns = columns;
    this.rows = rows;
    this.terminal = terminal;
  }

  write(text: string): void {
    this.written.push(text);
  }

  onKey(listener: (key: string) => void): () => void {
    this.press = listener;
    return () => this.press = null;
  }

  /** The last whole picture, line by line. */
  get screen(): string[] {
    const drawn = this.written.findLast((text) => text.startsWith("\x1b[H"))!;
    // deno-lint-ignore no-control-regex
    return drawn.replaceAll(/\x1b\[[\d;?]*[a-zA-Z]/g, "").split("\r\n");
  }
}

function fit(
  terminal: FakeTerminal,
  callback: Callback = {},
  epochs = 3,
): Promise<unknown> {
  manualSeed(0);
  const x = randn([64, 2]);
  const y = x.select(1, 0).gt(0).to("int32");
  const model = new Linear(2, 2);
  let time = 0;
  const trainer = new Trainer(model, {
    optimizer: new SGD(model.parameters(), { lr: 0.1 }),
    loss: new CrossEntropyLoss(),
    epochs,
    warn: () => {},
    callbacks: [
      new TerminalView({ terminal, name: "moons", now: () => time += 50 }),
      callback,
    ],
  });
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 8 });
  return trainer.fit(loader, loader);
}

Deno.test("TerminalView fills the terminal, and gives it back", async () => {
  for (const [columns, rows] of [[120, 30], [80, 24], [40, 12], [20, 5]]) {
    const terminal = new FakeTerminal(columns, rows);
    await fit(terminal, {
      onFitStart: (trainer) => trainer.warn("something odd"),
    });
    assertEquals(terminal.written[0], "\x1b[?1049h\x1b[?25l");
    assertEquals(terminal.written.at(-1), "\x1b[?25h\x1b[?1049l");
    assertEquals(terminal.press, null);
    for (const text of terminal.written.slice(1, -1)) {
      assert(text.startsWith("\x1b[H"));
    }
    const { screen } = terminal;
    assert(screen.length <= rows!, `${screen.length} lines of ${rows}`);
    for (const line of screen) assert(line.length < columns!, line);
    if (columns! < 80) continue;
    const all = screen.join("\n");
    for (
      const text of [
        "moons, training",
        "epoch 3/3",
        "learning rate 0.1",
        "validAccuracy",
        "batch loss by step",
        "loss by epoch",
        "something odd",
        "p pause",
      ]
    ) assertStringIncludes(all, text);
  }
});

Deno.test("p pauses and goes on, s stops, q only closes the view", async () => {
  const terminal = new FakeTerminal();
  let pauses = 0;
  let epochs = 0;
  await fit(terminal, {
    onBatchEnd({ globalStep }) {
      if (globalStep === 4) {
        terminal.press!("p");
        assertStringIncludes(terminal.screen[0]!, "paused");
        pauses++;
        setTimeout(() => terminal.press!("p"), 20);
      }
      if (globalStep === 9) terminal.press!("s");
    },
    onEpochEnd: () => void epochs++,
  }, 100);
  assertEquals([pauses, epochs], [1, 2]);

  const closed = new FakeTerminal();
  let last = 0;
  await fit(closed, {
    onBatchEnd({ globalStep }) {
      if (globalStep === 4) closed.press!("q");
      last = globalStep;
    },
  });
  assertEquals(last, 24);
  assertEquals(closed.written.filter((it) => it.includes("1049l")).length, 1);
});

Deno.test("TerminalView is silent where nobody watches", async () => {
  const terminal = new FakeTerminal(80, 24, false);
  await fit(terminal);
  assertEquals(terminal.written, []);
});
