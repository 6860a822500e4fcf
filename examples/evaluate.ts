/**
 * Tests the model of a run folder: `deno task eval --help`.
 *
 * @module
 */

import { CrossEntropyLoss } from "@fdunn/nn";
import { ConfusionMatrix, evaluate, F1Score, Perplexity } from "@fdunn/train";
import { type CommandLine, onlyOne, runCommand } from "./command_line.ts";
import {
  batchesOf,
  type KeptClassifier,
  type KeptWriter,
} from "./kept_models.ts";
import {
  KEEPERS,
  type OpenedModel,
  openKept,
  testDataOf,
} from "./open_kept.ts";
import { table } from "./table.ts";

const HELP =
  `Tests the model of a run folder on the test data of its experiment.

    deno task eval RUN [options]

  RUN          a folder that deno task train has left, of an experiment that
               keeps its model: ${KEEPERS}
  --data PATH  other data of the same kind  (that of the training)
  --json       the figures as JSON
  --help       this text
`;

/** Figures for --json, and as lines of text. */
interface Tested {
  figures: Record<string, unknown>;
  text: string;
}

/** Loss, accuracy, F1 and what is taken for what. */
async function testClassifier(
  opened: OpenedModel & { kept: KeptClassifier },
  given: string | undefined,
): Promise<Tested> {
  const { kept, names: classes } = opened;
  const test = batchesOf(kept, await testDataOf(opened, given));
  const counts = new ConfusionMatrix(classes.length);
  const f1 = new F1Score(classes.length);
  const { loss, accuracy, metrics } = await evaluate(
    kept.model,
    new CrossEntropyLoss(),
    test,
    { metrics: { f1, counts } },
  );
  const confusion = counts.compute().toArray() as number[][];
  const f1OfClass = f1.perClass();
  const samples = confusion.flat().reduce((a, b) => a + b, 0);
  // Rows are the true classes.
  const rows = confusion.map((row, i) => [
    ...[classes[i]!, f1OfClass[i]!.toFixed(3)],
    ...row.map((count) => count === 0 ? "." : String(count)),
  ]);
  return {
    figures: { classes, loss, accuracy, ...metrics, f1OfClass, confusion },
    text: `${samples} samples  loss ${loss.toFixed(4)}  accuracy ${
      accuracy!.toFixed(4)
    }  F1 ${metrics.f1!.toFixed(4)} (mean over classes)\n\n${
      table([["class", "F1", ...classes], ...rows])
    }`,
  };
}

/** How well the next character is told. */
async function testWriter(
  opened: OpenedModel & { kept: KeptWriter },
  given: string | undefined,
): Promise<Tested> {
  const { loss, accuracy, metrics } = await evaluate(
    opened.kept.model,
    new CrossEntropyLoss(),
    await testDataOf(opened, given),
    { metrics: { perplexity: new Perplexity() } },
  );
  return {
    figures: { loss, accuracy, ...metrics },
    text: `loss ${loss.toFixed(4)}  perplexity ${
      metrics.perplexity!.toFixed(3)
    }  accuracy ${accuracy!.toFixed(4)} (of the next character)`,
  };
}

async function evaluateRun(
  { options, flags, rest }: CommandLine,
): Promise<void> {
  const path = onlyOne(
    rest,
    "eval expects a run folder: deno task eval RUN",
  );
  const { kept, ...opened } = await openKept(path);
  const { figures, text } = kept.kind === "classifier"
    ? await testClassifier({ ...opened, kept }, options.data)
    : await testWriter({ ...opened, kept }, options.data);
  console.log(
    flags.includes("json")
      ? JSON.stringify({ run: path, ...figures }, null, 2)
      : text,
  );
}

if (import.meta.main) {
  await runCommand({
    help: HELP,
    options: ["data"],
    flags: ["json"],
    run: evaluateRun,
  });
}
