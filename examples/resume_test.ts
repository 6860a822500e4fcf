/** Runs that were stopped or killed go on, by the real commands. */

import { root, run, scratchFolder } from "@fdunn/testing";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { program, writeMnist } from "./run_command.ts";

const OPTIONS = [
  ...["mnist_cnn", "--optimizer", "adam", "--epochs", "60", "--batch-size"],
  ...["4", "--threads", "1", "--log", "jsonl"],
];

/** The lines of a file of figures without those of the clock. */
function figuresIn(folder: string, file = "metrics.jsonl"): unknown[] {
  return Deno.readTextFileSync(join(folder, file)).trimEnd()
    .split("\n").map((line) => {
      const { seconds: _, itPerSecond: __, time: ___, ...rest } = JSON.parse(
        line,
      );
      return rest;
    });
}

const weightsIn = (folder: string) =>
  Deno.readFileSync(join(folder, "model.safetensors"));

/** Starts a run, and ends it by a signal when it is in its midst. */
async function cutShort(
  scratch: string,
  out: string,
  signal: Deno.Signal,
): Promise<string> {
  const child = new Deno.Command("deno", {
    args: program(scratch, ...OPTIONS, "--data", scratch, "--out", out),
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = () => {
    try {
      return figuresIn(out).length;
    } catch {
      return 0; // not there yet, or half a line
    }
  };
  while (lines() < 5) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill(signal);
  const { stdout, code } = await child.output();
  assert(code !== 0, "it ended before it was told to");
  return new TextDecoder().decode(stdout);
}

Deno.test("deno task resume goes on with a run as if it had never ended", async () => {
  using scratch = scratchFolder("resume_run");
  const { path } = scratch;
  writeMnist(path);
  const whole = join(path, "whole");
  const { code, stderr } = await run(
    "deno",
    program(path, ...OPTIONS, "--data", path, "--out", whole),
  );
  assertEquals(code, 0, stderr);
  const expected = figuresIn(whole);
  assertEquals(expected.length, 60);

  const resume = (out: string) =>
    run("deno", program(path, "resume", "--threads", "2", out));
  for (const signal of ["SIGINT", "SIGKILL"] as const) {
    const out = join(path, signal);
    const said = await cutShort(path, out, signal);
    if (signal === "SIGINT") {
      assertStringIncludes(said, `go on:   deno task resume ${out}`);
    }
    const { code, stderr } = await resume(out);
    assertEquals(code, 0, stderr);
    assertEquals(figuresIn(out), expected);
    assertEquals(figuresIn(out, "log.jsonl"), figuresIn(whole, "log.jsonl"));
    assertEquals(weightsIn(out), weightsIn(whole));
    const files = [...Deno.readDirSync(out)].map(({ name }) => name);
    assert(!files.includes("checkpoints"), "a finished run needs none");
  }

  const again = await resume(whole);
  assertEquals(again.code, 1);
  assertStringIncludes(again.stderr, "that run is finished");
  const none = await resume(path);
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "it has no config.json");
  const option = await run("deno", program(path, `--resume=${whole}`));
  assertStringIncludes(option.stderr, "that run is finished");
});
