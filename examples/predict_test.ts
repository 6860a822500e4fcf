/** What runs say of pictures and texts, by the real programs. */

import { run, scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { join } from "@std/path";
import {
  command,
  program,
  writeCifar10,
  writeMnist,
  writePictures,
} from "./run_command.ts";

/** Trains below a folder; returns the run's. */
async function trained(folder: string, ...args: string[]): Promise<string> {
  const out = join(folder, `run_${args[0]}`);
  const given = program(folder, ...args, "--out", out);
  const { code, stderr } = await run("deno", given);
  assertEquals(code, 0, stderr);
  return out;
}

/** A command's output as JSON. */
async function json(task: string, ...args: string[]) {
  const { code, stdout, stderr } = await command(task, ...args, "--json");
  assertEquals(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("a run of image_folder classifies pictures from anywhere by its names", async () => {
  using scratch = scratchFolder("predict");
  const { path } = scratch;
  const data = join(path, "colours");
  await writePictures(data);
  const out = await trained(
    path,
    ...["image_folder", "--epochs", "8", "--width", "4", "--size", "8"],
    ...["--batch-size", "8", "--data", data],
  );
  const tested = await json("predict", out);
  assertEquals(tested.classes, ["blue", "green", "red"]);
  const { accuracy } = await json("eval", out);
  assertEquals(tested.correct / tested.total, accuracy);
  assert(accuracy >= 0.9);
  // Without the folder that it was trained on.
  const moved = join(path, "alone.png");
  Deno.renameSync(join(data, "red", "2.png"), moved);
  const blue = join(data, "blue", "more", "1.png");
  Deno.removeSync(join(data, "green"), { recursive: true });
  const found = await json("predict", out, moved, blue);
  assertEquals(
    found.predictions.map((it: { class: string }) => it.class),
    ["red", "blue"],
  );
  assertEquals(found.predictions[0].file, moved);
  const { probabilities } = found.predictions[0];
  assertEquals(Math.max(...probabilities), probabilities[2]);
  const folder = await command("predict", out, join(data, "blue"));
  assertEquals(folder.code, 0, folder.stderr);
  assertMatch(
    folder.stdout,
    /blue.0\.png: blue [\d.]+ %, \w+ [\d.]+ %, \w+ [\d.]+ %\n[^]*\n20 pictures\n$/,
  );
  const none = await command("predict", out, join(path, "none.png"));
  assertEquals(none.code, 1);
  assertMatch(none.stderr, /^error: No such file [^\n]*none\.png[^\n]*\n$/);
});

Deno.test("runs of cifar10_cnn and mnist_cnn classify, too", async () => {
  using scratch = scratchFolder("predict");
  const { path } = scratch;
  writeCifar10(path);
  writeMnist(path);
  await writePictures(join(path, "colours"));
  const picture = join(path, "colours", "red", "2.png");
  const few = ["--epochs", "1", "--data", path];
  const colours = await trained(path, "cifar10_cnn", "--width", "2", ...few);
  const named = await json("predict", colours, picture);
  assertEquals(named.classes[3], "thing 3");
  assertMatch(named.predictions[0].class, /^thing \d$/);
  const shown = await command("predict", colours, "--count", "2");
  assertMatch(shown.stdout, /thing \d {2}[\d.]+ %.*\n\n\d+ of 40 correct/);
  const digits = await trained(path, "mnist_cnn", ...few);
  const grey = await json("predict", digits, picture);
  assertMatch(grey.predictions[0].class, /^\d$/);
  const wrong = await command("predict", digits, "--prompt", "x");
  assertEquals(wrong.code, 2);
  assertStringIncludes(wrong.stderr, "whose network classifies pictures");
});

Deno.test("a run of char_gpt goes on with a text", async () => {
  using scratch = scratchFolder("predict");
  const { path } = scratch;
  const text = join(path, "text.txt");
  Deno.writeTextFileSync(text, "once\n".repeat(400));
  const out = await trained(
    path,
    ...["char_gpt", "--epochs", "1", "--steps", "60", "--width", "16"],
    ...["--layers", "1", "--context", "16", "--dropout", "0", "--data", text],
  );
  const begin = ["--prompt", "onc", "--tokens", "7"];
  const likeliest = await json("predict", out, ...begin, "--temperature", "0");
  assertEquals(likeliest.text, "e\nonce\n");
  const said = await command("predict", out, ...begin, "--temperature", "0");
  assertEquals(said.stdout, "once\nonce\n\n");
  const drawn = (...args: string[]) =>
    json("predict", out, ...args, "--temperature", "5").then(({ text }) =>
      text
    );
  const first = await drawn();
  assertEquals(first.length, 200);
  assertEquals(await drawn(), first);
  assertNotEquals(await drawn("--seed", "1"), first);
  const tested = await json("eval", out);
  assert(tested.accuracy > 0.9 && tested.perplexity < 2, `${tested.accuracy}`);
  const words = await command("eval", out);
  assertMatch(words.stdout, /^loss [\d.]+ {2}perplexity [\d.]+ {2}accuracy /);
  const short = join(path, "short.txt");
  Deno.writeTextFileSync(short, "once\n".repeat(20));
  const tooShort = await command("eval", out, "--data", short);
  assertEquals(tooShort.code, 1);
  assertStringIncludes(
    tooShort.stderr,
    "The text has 100 characters: its last",
  );
  const refused: [sentence: string, ...args: string[]][] = [
    ['never seen "x", "y": it knows 5 characters', "--prompt", "oxy"],
    ['never seen "-": it knows', "--prompt=-"],
    [" is of no use with ", text],
    ["--count is of no use with ", "--count", "3"],
    ['--temperature is "warm", but must be', "--temperature", "warm"],
    ['--tokens is "0", but must be', "--tokens", "0"],
  ];
  for (const [sentence, ...args] of refused) {
    const { code, stderr } = await command("predict", out, ...args);
    assertEquals(code, 2, stderr);
    assertMatch(stderr, /^error: [^\n]+\n$/);
    assertStringIncludes(stderr, sentence);
  }
});
