import { run, scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import { UserError } from "./command_line.ts";
import { EXPERIMENTS } from "./experiments.ts";
import type { Parts } from "./figures.ts";
import { optionName } from "./option.ts";
import {
  experiment,
  program,
  writeCifar10,
  writeMnist,
} from "./run_command.ts";
import { parseRequest } from "./train.ts";

/** A figure of a part, which must be there. */
const figure = (
  parts: Record<string, Record<string, unknown>>,
  part: string,
  name: string,
): number => {
  const value = parts[part]?.[name];
  assert(typeof value === "number", `${part}: ${name} is ${value}`);
  return value;
};

/** The parts of which the doctor said something. */
const doctored = (parts: Parts): string[] =>
  Object.keys(parts).filter((part) => parts[part]!.doctor !== undefined);

Deno.test("train --list names every experiment", async () => {
  const { code, stdout } = await run("deno", program("runs", "--list"));
  assertEquals(code, 0);
  for (const { name, about } of EXPERIMENTS) {
    assertMatch(stdout, new RegExp(`^ {2}${name} `, "m"));
    assertStringIncludes(stdout, about);
  }
});

Deno.test("--help of each experiment names its options and defaults", () => {
  for (const { name, options, data } of EXPERIMENTS) {
    const help = parseRequest([name, "--help"]);
    assert(typeof help === "string");
    for (const key of Object.keys(options)) {
      assertStringIncludes(help, `--${optionName(key)} `);
    }
    for (const common of ["seed", "seeds", "quick", "threads", "out", "list"]) {
      assertStringIncludes(help, `--${common} `);
    }
    assertEquals(help.includes("--data "), data !== undefined);
    for (const line of help.split("\n")) assert(line.length <= 80, line);
  }
});

Deno.test("what --quick changes and every default are values that options take", () => {
  for (const { name, options, quick } of EXPERIMENTS) {
    for (const [key, option] of Object.entries(options)) {
      for (const value of [option.value, quick[key] ?? option.value]) {
        assertEquals(option.read(key, String(value)), value, `${name} ${key}`);
      }
    }
    for (const key of Object.keys(quick)) assert(key in options, key);
  }
});

Deno.test("options of experiments are checked", () => {
  const mistakes: [string, string][] = [
    ["palindrom_rnn", '"palindrom_rnn" is no option'],
    ["palindrom_rnn", "--list names them"],
    ["palindrome_rnn --lengths 5,1", '--lengths is "1", but must be a whole'],
    ["palindrome_rnn --lengths 5,5", "names one value twice"],
    ["palindrome_rnn --runs logits,best", '--runs is "best", but must be'],
    ["palindrome_rnn --data x", "Unknown option --data"],
    ["l2_regularization --decays 0,x", '--decays is "x", but must be a number'],
    ["l2_regularization --momentum -1", "-1 is negative"],
    ["toy_mlp --seeds 0", '--seeds is "0", but must be a whole number'],
    ["toy_mlp moons", '"moons" is no option'],
  ];
  for (const [line, message] of mistakes) {
    const error = assertThrows(() => parseRequest(line.split(" ")), UserError);
    assertStringIncludes(error.message, message);
    assertEquals(error.exitCode, 2, line);
  }
});

Deno.test("lists, zeros and --quick reach the configuration", () => {
  const configOf = (line: string) => {
    const request = parseRequest(line.split(" "));
    assert(typeof request === "object");
    return request.config;
  };
  const config = configOf("l2_regularization --quick --decays 0,0.5");
  assertEquals(config.decays, [0, 0.5]);
  assertEquals(configOf("toy_mlp --quick").epochs, 150);
  assertEquals(configOf("toy_mlp --quick --epochs 7").epochs, 7);
  assertEquals(configOf("toy_mlp --seed 5").seed, 5);
});

Deno.test("--seeds leaves a folder for each, and their mean and spread", async () => {
  using scratch = scratchFolder("experiment");
  const { path } = scratch;
  writeMnist(path);
  const out = join(path, "run");
  const args = ["--seeds", "2", "--epochs", "2", "--data", path, "--out", out];
  const { code, stderr } = await run("deno", program(path, ...args));
  assertEquals(code, 0, stderr);
  const read = (...names: string[]) =>
    JSON.parse(Deno.readTextFileSync(join(out, ...names, "summary.json")));
  const [first, second, all] = [read("seed_0"), read("seed_1"), read()];
  assertEquals([first.options.seed, second.options.seed], [0, 1]);
  assert(first.parts[""].initialWeights !== second.parts[""].initialWeights);
  const { values, mean, min, max } = all.parts[""].trainLoss;
  const losses = [first.parts[""].trainLoss, second.parts[""].trainLoss];
  assertEquals(values, losses);
  assertEquals(mean, (losses[0] + losses[1]) / 2);
  assertEquals([min, max], [Math.min(...losses), Math.max(...losses)]);
});

Deno.test("--quick l2_regularization: too little overfits, too much learns nothing", async () => {
  const { parts, files } = await experiment("l2_regularization --quick");
  const loss = (decay: string, of: string) =>
    figure(parts, `weight decay, ${decay}`, `${of}LossAtEnd`);
  assert(loss("0.01", "test") < loss("0", "test"));
  assert(loss("0.01", "test") < loss("0.3", "test"));
  assert(loss("0", "train") < loss("0.01", "train"));
  // Where nothing is learnt the doctor says so, and nowhere else.
  assertEquals(doctored(parts), ["weight decay, 0.3"]);
  for (const name of ["boundary_0.01.svg", "loss_against_decay.svg"]) {
    assert(files.includes(name), name);
  }
});

Deno.test("--quick optimizer_race: LBFGS needs fewer gradients than Adam, Adam than SGD", async () => {
  const { parts, files } = await experiment("optimizer_race --quick");
  const lbfgs = figure(parts, "lbfgs", "gradientsTo");
  const adam = figure(parts, "adam", "gradientsTo");
  assert(lbfgs < adam, `${lbfgs} < ${adam}`);
  assertEquals(parts.sgd!.gradientsTo, undefined);
  assert(files.includes("loss_against_seconds.svg"));
});

Deno.test("--quick palindrome_rnn: the second softmax is what fails", async () => {
  const { parts, stderr, files } = await experiment("palindrome_rnn --quick");
  const last = (run: string) => figure(parts, `T = 12, ${run}`, "lastAccuracy");
  assert(last("steady") >= 0.95, `steady ${last("steady")}`);
  assert(last("double softmax") < 0.6);
  assertStringIncludes(stderr, "Remove softmax()"); // nn's own warning
  assertEquals(doctored(parts), ["T = 12, double softmax"]);
  assert(files.includes("accuracy_against_length.svg"));
});

Deno.test("--quick toy_mlp learns all three", async () => {
  const { parts, files } = await experiment("toy_mlp --quick");
  assert(figure(parts, "moons", "bestAccuracy") >= 0.99);
  assert(figure(parts, "circles", "bestAccuracy") >= 0.8);
  assert(figure(parts, "classification", "bestAccuracy") >= 0.88);
  assert(files.includes("boundary_moons.svg"));
  assertEquals(doctored(parts), []);
});

Deno.test("cifar10_mlp and cifar10_cnn learn small pictures like CIFAR's", async () => {
  const mlp = await experiment("cifar10_mlp --epochs 8", writeCifar10);
  assert(figure(mlp.parts, "plain", "bestAccuracy") >= 0.9);
  assert(mlp.files.includes("plain_confusion.svg"));
  const line = "cifar10_cnn --quick --epochs 12 --augment crop-flip";
  const cnn = await experiment(line, writeCifar10);
  assert(figure(cnn.parts, "", "trainLoss") < 1.5);
  assert(cnn.files.includes("filters.svg"));
  assertEquals([...doctored(mlp.parts), ...doctored(cnn.parts)], []);
});

Deno.test("normalization and a continued net run on small pictures like MNIST's", async () => {
  const { parts } = await experiment("normalization --epochs 2", writeMnist);
  assertEquals(Object.keys(parts), ["none", "batch", "layer", "group"]);
  const line = "mnist_cnn --optimizer adam-continued --epochs 3";
  const told = await experiment(line, writeMnist);
  // What the report took for a fresh net had begun where SGD had ended.
  const hash = (part: string) => told.parts[part]!.initialWeights;
  assert(hash("sgd") !== hash("adam-continued"));
  const fresh = await experiment("mnist_cnn --epochs 3", writeMnist);
  assertEquals(fresh.parts[""]!.initialWeights, hash("sgd"));
  assertEquals(told.parts["adam-continued"]!.doctor, "continued-weights");
  assertEquals([...doctored(parts), ...doctored(fresh.parts)], []);
});

Deno.test("without CIFAR-10 the message says where to get it", async () => {
  using scratch = scratchFolder("experiment");
  const { path } = scratch;
  const args = ["--data", path, "--out", join(path, "run")];
  const { code, stderr } = await run(
    "deno",
    program(path, "cifar10_mlp", ...args),
  );
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^error: CIFAR-10 needs data_batch_1.bin.*https:\S+.*\n$/,
  );
});
