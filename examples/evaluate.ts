/**
 * Tests the model of a run folder: `deno task eval --help`.
 *
 * @module
 */

import { CrossEntropyLoss } from "@fdunn/nn";
import { ConfusionMatrix, evaluate, F1, loadModel } from "@fdunn/train";
import { join } from "@std/path";
import {
  type CommandLine,
  readCommandLine,
  requireAccess,
  runProgram,
  usageError,
  UserError,
  withoutStack,
} from "./command_line.ts";
import { KEPT_MODELS } from "./kept_models.ts";
import { experimentOfRun, readRunFolder } from "./run_files.ts";
import { table } from "./table.ts";

const HELP =
  `Tests the model of a run folder on the test data of its experiment.

    deno task eval RUN [options]

  RUN          a folder that deno task train has left
  --data PATH  other data of the same kind  (that of the training)
  --json       the figures as JSON
  --help       this text
`;

async function evaluateRun({ options, flags, rest }: CommandLine) {
  const [path, ...more] = rest;
  if (path === undefined || more.length > 0) {
    throw usageError("eval expects a run folder: deno task eval RUN");
  }
  const run = await readRunFolder(path);
  const experiment = experimentOfRun(run);
  const open = KEPT_MODELS[experiment.name];
  if (open === undefined) {
    throw new UserError(
      `${path} is a run of ${experiment.name}, which keeps no model; those of ${
        Object.keys(KEPT_MODELS).join(", ")
      } do`,
    );
  }
  const data = options.data ?? run.config.options.data;
  if (data !== null) {
    const what = `--data ${data}`;
    await requireAccess({ what, path: data, kinds: ["read"], program: "look" });
  }
  const { model, test, classes } = await open(
    run.config.options,
    data,
  ).catch((error) => {
    throw new UserError(withoutStack(error));
  });
  try {
    loadModel(model, join(path, "model.safetensors"));
  } catch (error) {
    throw new UserError(`Cannot load ${path}'s model: ${withoutStack(error)}`);
  }
  const counts = new ConfusionMatrix(classes.length);
  const f1 = new F1(classes.length);
  const { loss, accuracy, metrics } = await evaluate(
    model,
    new CrossEntropyLoss(),
    test,
    { metrics: { f1, counts } },
  );
  const confusion = counts.compute().toArray() as number[][];
  const f1OfClass = f1.perClass();
  if (flags.includes("json")) {
    const figures = { loss, accuracy, ...metrics, f1OfClass, confusion };
    console.log(JSON.stringify({ run: path, classes, ...figures }, null, 2));
    return;
  }
  const samples = confusion.flat().reduce((a, b) => a + b, 0);
  console.log(
    `${samples} samples  loss ${loss.toFixed(4)}  accuracy ${
      accuracy!.toFixed(4)
    }  F1 ${metrics.f1!.toFixed(4)} (mean over classes)\n`,
  );
  // Rows are the true classes.
  console.log(table([
    ["class", "F1", ...classes],
    ...confusion.map((row, i) => [
      ...[classes[i]!, f1OfClass[i]!.toFixed(3)],
      ...row.map((count) => count === 0 ? "." : String(count)),
    ]),
  ]));
}

if (import.meta.main) {
  await runProgram(async () => {
    const line = readCommandLine(Deno.args, ["data"], ["json"]);
    if (line.help) console.log(HELP);
    else await evaluateRun(line);
  });
}
