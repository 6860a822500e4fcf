/** The commands around runs, by the real programs: eval, inspect, compare. */

import { tensor } from "@fdunn/tensor";
import { saveSafetensors } from "@fdunn/tensor/safetensors";
import { run, scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import { completions } from "./completions.ts";
import { command, program, writeMnist } from "./run_command.ts";
import { optionsOfTask, TASKS } from "./tasks.ts";

/** Trains on small data for one epoch; returns the run folder. */
async function trained(
  folder: string,
  name: string,
  ...args: string[]
): Promise<{ out: string; stdout: string }> {
  const out = join(folder, name);
  const given = ["mnist_cnn", "--epochs", "2", "--data", folder, "--out", out];
  const finished = await run("deno", program(folder, ...given, ...args));
  assertEquals(finished.code, 0, finished.stderr);
  return { out, stdout: finished.stdout };
}

Deno.test("a run is trained, tested, shown and compared", async () => {
  using scratch = scratchFolder("commands");
  const { path } = scratch;
  writeMnist(path);
  const logs = "csv,jsonl,tensorboard";
  const first = await trained(path, "first", "--json", "--log", logs);
  const { parts, program } = JSON.parse(first.stdout);
  assertEquals(program, "mnist_cnn");
  assertEquals(parts[""].epochs, 2);
  const files = [...Deno.readDirSync(first.out)].map(({ name }) => name);
  for (const name of ["log.csv", "log.jsonl", "tensorboard"]) {
    assert(files.includes(name), name);
  }
  const second = await trained(path, "second", "--lr", "0.02");
  assertStringIncludes(second.stdout, "results: ");

  const tested = await command("eval", first.out, "--json");
  assertEquals(tested.code, 0, tested.stderr);
  const { accuracy, loss, f1, confusion, classes } = JSON.parse(tested.stdout);
  assertEquals(classes.length, 10);
  assertEquals(accuracy, parts[""].lastAccuracy);
  assertEquals(loss, parts[""].validLoss);
  assert(f1 >= 0 && f1 <= 1);
  assertEquals(confusion.flat().reduce((a: number, b: number) => a + b), 32);
  const words = await command("eval", first.out);
  assertMatch(words.stdout, /^32 samples {2}loss [\d.]+ {2}accuracy [\d.]+/);

  const shown = await command("inspect", first.out);
  assertEquals(shown.code, 0, shown.stderr);
  assertMatch(shown.stdout, /^mnist_cnn, started \S+: finished, [\d.]+ s\n/);
  assertMatch(shown.stdout, /\n0\.weight +float32 +\[4, 1, 3, 3\] /);
  assertStringIncludes(shown.stdout, "\n40,646 numbers");
  const whole = JSON.parse(
    (await command("inspect", first.out, "--json")).stdout,
  );
  assertEquals(whole.tensors.length, 8);

  const compared = await command("compare", first.out, second.out);
  assertEquals(compared.code, 0, compared.stderr);
  assertMatch(compared.stdout, /\nlr +0\.01 +0\.02\n/);
  assertMatch(compared.stdout, /\nbestAccuracy +[\d.]+ +[\d.]+\n/);
  assert(!/\nbatchSize/.test(compared.stdout), "equal options are left out");
  const both = await command("compare", first.out, second.out, "--json");
  assertEquals(JSON.parse(both.stdout).length, 2);

  const predicted = await command(
    "predict",
    first.out,
    "--data",
    path,
    "--json",
  );
  const { total, predictions } = JSON.parse(predicted.stdout);
  assertEquals([total, predictions.length], [32, 32]);
});

Deno.test("inspect shows files of tensors", async () => {
  using scratch = scratchFolder("commands");
  const file = join(scratch.path, "a.safetensors");
  const bytes = saveSafetensors({ w: tensor([[1, 3]]), n: tensor([]) });
  Deno.writeFileSync(file, bytes);
  const { code, stdout, stderr } = await command("inspect", file, "--json");
  assertEquals(code, 0, stderr);
  assertEquals(JSON.parse(stdout).tensors, [
    { name: "n", dtype: "float32", shape: [0], mean: null, std: null },
    { name: "w", dtype: "float32", shape: [1, 2], mean: 2, std: 1 },
  ]);
});

Deno.test("the commands refuse with a sentence and an exit code", async () => {
  using scratch = scratchFolder("commands");
  const { path } = scratch;
  const file = join(path, "broken.safetensors");
  Deno.writeTextFileSync(file, "no");
  const refusals: [code: number, sentence: string, ...args: string[]][] = [
    [2, "eval expects a run folder", "eval"],
    [2, "inspect expects a run folder or a file", "inspect", "a", "b"],
    [2, "compare expects run folders", "compare", path],
    [1, "is no run folder: it has no config.json", "eval", path],
    [1, "is no run folder: it has no config.json", "inspect", path],
    [1, "is no run folder: it has no config.json", "compare", path, path],
    [1, "broken.safetensors: ", "inspect", file],
    [2, "Unknown option --lr", "inspect", "--lr", "1"],
    [2, "Give either --tui or --json", "train", "--tui", "--json"],
    [2, "resume expects a run folder", "resume", "--json"],
    [2, '"b" is no option: resume takes', "resume", "a", "b"],
    [1, "it has no config.json", "resume", "--json", path],
    [2, '--log is "xml", but must be csv or', "train", "--log", "xml"],
  ];
  for (const [code, sentence, task, ...args] of refusals) {
    const found = await command(task!, ...args);
    assertEquals(found.code, code, found.stderr);
    assertMatch(found.stderr, /^error: [^\n]+\n$/);
    assertStringIncludes(found.stderr, sentence);
  }
});

Deno.test("completions know the options that the help lists", async () => {
  for (const task of Object.keys(TASKS)) {
    const args = task === "train" ? ["mnist_cnn", "--help"] : ["--help"];
    const { stdout } = await command(task, ...args);
    const listed = [...stdout.matchAll(/^ {2}--([a-z-]+)/gm)].map(([, it]) =>
      it
    );
    const known = optionsOfTask(task).map((name) => name.slice(2));
    for (const name of listed) {
      assert(known.includes(name!), `${task} --${name}`);
    }
    if (task === "train") continue; // it completes all experiments' options
    assertEquals(known, listed.toSorted());
  }
  for (const shell of ["bash", "zsh", "fish"] as const) {
    const script = completions(shell);
    for (const word of ["fdunn", "palindrome_rnn", "batch-size", "compare"]) {
      assertStringIncludes(script, word);
    }
  }
});
