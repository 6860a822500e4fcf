import { root, run, scratchFolder } from "@fdunn/testing";
import { assert, assertEquals } from "@std/assert";
import { join } from "@std/path";
import { timeless } from "./resume_setup_test.ts";

const KILLS = 24;
const PROGRAM = "packages/train/checkpoints/resume_setup_test.ts";

/** Arguments of `deno` that train in a folder with so many threads. */
const args = (folder: string, threads: number) => [
  ...["run", "-q", "--no-check", "--no-prompt", "-P=test", PROGRAM],
  ...[folder, String(threads)],
];

/** The epochs in `metrics.jsonl` without what depends on the clock. */
const metricsOf = (folder: string) =>
  timeless(
    Deno.readTextFileSync(join(folder, "metrics.jsonl")).trimEnd().split("\n")
      .map((line) => JSON.parse(line)),
  );

const filesIn = (folder: string) =>
  [...Deno.readDirSync(folder)].map(({ name }) => name);

/** Names of files that are being written. */
function unfinished(folder: string): string[] {
  try {
    return filesIn(folder).filter((name) => name.endsWith(".tmp"));
  } catch {
    return []; // it is not there yet
  }
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Trains until it is killed; returns whether it was, before its end. */
async function killedRun(folder: string, threads: number, kill: number) {
  const child = new Deno.Command("deno", {
    args: args(folder, threads),
    cwd: root,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  await reader.read(); // "running"
  const checkpoints = join(folder, "checkpoints");
  if (kill % 3 === 0) {
    // In the middle of a checkpoint.
    for (let i = 0; i < 500 && unfinished(checkpoints).length === 0; i++) {
      await wait(0);
    }
  } else await wait(Math.random() * 400);
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended before.
  }
  while (!(await reader.read()).done);
  return (await child.status).signal === "SIGKILL";
}

Deno.test("a training that is killed again and again ends with the same bits", async () => {
  using scratch = scratchFolder("kills");
  const whole = join(scratch.path, "whole");
  const { code, stdout, stderr } = await run("deno", args(whole, 1));
  assertEquals(code, 0, stderr);
  const hash = stdout.trim().split("\n").at(-1);

  let [kills, inCheckpoint, runs] = [0, 0, 0];
  while (kills < KILLS) {
    const folder = join(scratch.path, `killed_${runs++}`);
    for (let more = true; more;) {
      more = kills < KILLS && await killedRun(folder, 1 + kills % 3, kills);
      if (!more) break;
      kills++;
      if (unfinished(join(folder, "checkpoints")).length > 0) inCheckpoint++;
    }
    const last = await run("deno", args(folder, 2));
    assertEquals(last.code, 0, last.stderr);
    assertEquals(last.stdout.trim().split("\n").at(-1), hash);
    assertEquals(metricsOf(folder), metricsOf(whole));
    const kept = filesIn(join(folder, "checkpoints"));
    assertEquals(kept.length, 4, `last, previous, and two best: ${kept}`);
    assertEquals(unfinished(folder), []);
  }
  console.log(
    `${kills} kills, ${inCheckpoint} within a checkpoint, ${runs} runs`,
  );
  assert(inCheckpoint > 0, "no kill came in the middle of a checkpoint");
});
