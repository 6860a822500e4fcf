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
import { beside, drawPicture } from "./draw_picture.ts";
import { program, writeMnist } from "./run_command.ts";
import { parseRequest, type TrainRequest } from "./train.ts";

const files = [
  "accuracy.svg",
  "config.json",
  "confusion.svg",
  "filters.svg",
  "loss.svg",
  "metrics.jsonl",
  "mistakes.svg",
  "model.safetensors",
  "report.html",
  "summary.json",
];

/** What the arguments ask for, which must not be a text. */
function requestOf(args: string[]): TrainRequest {
  const request = parseRequest(args);
  assert(typeof request === "object");
  return request;
}

const names = (folder: string) =>
  [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

const lines = (path: string) =>
  Deno.readTextFileSync(path).trimEnd().split("\n").map((l) => JSON.parse(l));

/** Runs the training, which must fail with one sentence. */
async function failure(
  folder: string,
  ...args: string[]
): Promise<[code: number, message: string]> {
  const { code, stderr } = await run("deno", program(folder, ...args));
  assertMatch(stderr, /^error: [^\n]+\n$/); // one line: no stack trace
  return [code, stderr];
}

Deno.test("parseRequest() has the first report's run as default", () => {
  const { experiment, config, threads, data, out, ...rest } = requestOf([]);
  assertEquals(experiment.name, "mnist_cnn");
  const views = { dashboard: false, tui: false, json: false, logs: [] };
  assertEquals(rest, { seeds: 1, quick: false, views, resume: null });
  assertEquals(config, {
    epochs: 10,
    batchSize: 16,
    activation: "sigmoid",
    optimizer: "sgd",
    init: "kaiming",
    lr: 0.01,
    reduction: "sum",
    seed: 0,
  });
  assertEquals([threads, data], [null, null]);
  assertMatch(out, /^runs\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-mnist_cnn$/);
});

Deno.test("parseRequest() reads every option", () => {
  const args = "--epochs 3 --batch-size=32 --optimizer adam --lr 1e-2 " +
    "--activation relu --init pytorch --seed 7 --seeds 2 --threads 2 --data d --out o " +
    "--dashboard --json --log csv,tensorboard";
  const { experiment, ...request } = requestOf(args.split(" "));
  assertEquals(experiment.name, "mnist_cnn");
  assertEquals(request, {
    seeds: 2,
    quick: false,
    config: {
      epochs: 3,
      batchSize: 32,
      activation: "relu",
      optimizer: "adam",
      init: "pytorch",
      lr: 0.01,
      reduction: "mean",
      seed: 7,
    },
    threads: 2,
    data: "d",
    out: "o",
    views: {
      dashboard: true,
      tui: false,
      json: true,
      logs: ["csv", "tensorboard"],
    },
    resume: null,
  });
});

Deno.test("parseRequest() takes a smaller rate for Adam", () => {
  assertEquals(requestOf(["--optimizer", "adam"]).config.lr, 0.001);
});

Deno.test("parseRequest() refuses mistakes with a sentence and exit code 2", () => {
  const mistakes: [string, string][] = [
    ["--lr abc", '--lr is "abc", but must be a number above 0, such as 0.01'],
    ["--lr 0", '--lr is "0", but must be a number above 0'],
    ["--lr 1e400", '--lr is "1e400", but must be'],
    ["--lr -1", "-1 is negative: every number must be above 0"],
    ["--lr", "--lr needs a value"],
    ["--epochs=", "--epochs needs a value"],
    ["--epochs 0", '--epochs is "0", but must be a whole number of at least 1'],
    ["--epochs 1.5", '--epochs is "1.5", but must be a whole number'],
    ["--batch-size x", '--batch-size is "x", but must be a whole number'],
    ["--seed 1e99", '--seed is "1e99", but must be a whole number'],
    ["--threads 0", '--threads is "0", but must be a whole number'],
    ["--threads 65", '--threads is "65", but must be at most 64'],
    [
      "--optimizer rmsprop",
      '--optimizer is "rmsprop", but must be sgd or adam',
    ],
    [
      "--activation tanh",
      '--activation is "tanh", but must be sigmoid or relu',
    ],
    ["--epoch 3", "Unknown option --epoch: the options are --epochs, "],
    ["-e 3", "Unknown option -e: the options are"],
    ["epochs 3", '"epochs" is no option; write names with two dashes'],
    ["--seed 1 --seed 2", "--seed is given twice"],
  ];
  for (const [line, message] of mistakes) {
    const error = assertThrows(() => parseRequest(line.split(" ")), UserError);
    assertStringIncludes(error.message, message);
    assertEquals(error.exitCode, 2, line);
  }
});

Deno.test("train --help names every option", async () => {
  const { code, stdout } = await run("deno", program("runs", "--help"));
  assertEquals(code, 0);
  for (
    const name of [
      ...["epochs", "batch-size", "lr", "optimizer", "activation", "seed"],
      ...["threads", "data", "out", "help"],
    ]
  ) assertStringIncludes(stdout, `--${name} `);
});

Deno.test("train leaves a run folder, and predict reads it", async () => {
  using scratch = scratchFolder("train_cli");
  const { path } = scratch;
  writeMnist(path);
  const out = join(path, "run");
  const options = ["--epochs", "2", "--data", path, "--seed", "3"];
  const first = await run("deno", program(path, ...options, "--out", out));
  assertEquals(first.code, 0, first.stderr);
  assertMatch(first.stdout, /7 \(Linear\) +\[16, 100\] +39,300/);
  assertMatch(
    first.stdout,
    /\nepoch 1\/2 {2}train loss [\d.]+ {2}valid loss [\d.]+ {2}valid accuracy [\d.]+ % {2}\d+ it\/s {2}[\d.]+ s\nepoch 2\/2 .*\n/,
  );
  assertStringIncludes(first.stdout, `results: ${out}\n`);
  for (const control of ["\r", "\x1b"]) {
    assert(!first.stdout.includes(control), "only plain lines in a log");
  }
  assertEquals(names(out), files);

  const config = JSON.parse(Deno.readTextFileSync(join(out, "config.json")));
  assertEquals(config.options.epochs, 2);
  assertEquals(config.options.seed, 3);
  assertMatch(config.initialWeights, /^sha256:[0-9a-f]{64}$/);
  assertEquals(config.versions.deno, Deno.version.deno);
  assertMatch(config.versions["@fdunn/tensor"], /^\d+\.\d+\.\d+/);
  assertMatch(config.wasm.build, /^(simd128|relaxed)$/);
  const metrics = lines(join(out, "metrics.jsonl"));
  assertEquals(metrics.map(({ epoch, steps }) => [epoch, steps]), [
    [1, 4],
    [2, 4],
  ]);
  for (const record of metrics) {
    for (
      const key of [
        ...["trainLoss", "validLoss", "validAccuracy"],
        ...["itPerSecond", "seconds"],
      ]
    ) assert(Number.isFinite(record[key]), `${key} is ${record[key]}`);
  }

  const predict = (...args: string[]) =>
    run("deno", ["run", "-q", "-P=predict", "examples/predict.ts", ...args]);
  const classified = await predict(out, "--data", path, "--count", "4");
  assertEquals(classified.code, 0, classified.stderr);
  assertMatch(classified.stdout, /█/);
  assertMatch(classified.stdout, /\n\d {2}[\d.]+ %/);
  const share = metrics[1].validAccuracy;
  assertStringIncludes(classified.stdout, `${share * 32} of 32 correct`);
  const pictures = join(path, "t10k-images-idx3-ubyte");
  const unknown = await predict(out, pictures, "--count", "1");
  assertEquals(unknown.code, 0, unknown.stderr);
  assertMatch(
    unknown.stdout,
    /t10k-images-idx3-ubyte: \d [\d.]+ %, \d .*\n32 pictures\n$/,
  );
  const mistaken = await predict(out, join(path, "t10k-labels-idx1-ubyte"));
  assertEquals(mistaken.code, 1);
  assertMatch(mistaken.stderr, /^error: .* has shape \[32\], expected .*\n$/);

  // The same again into the same folder: nothing is overwritten.
  const before = Deno.readTextFileSync(join(out, "metrics.jsonl"));
  const [code, message] = await failure(path, ...options, "--out", out);
  assertEquals(code, 1);
  assertStringIncludes(message, "holds a training already");
  assertEquals(Deno.readTextFileSync(join(out, "metrics.jsonl")), before);
});

Deno.test("train says in one sentence what is wrong with data and folders", async () => {
  using scratch = scratchFolder("train_cli");
  const { path } = scratch;
  writeMnist(path);
  const out = ["--out", join(path, "run")];

  const [usage, name] = await failure(path, "--learning-rate", "1");
  assertEquals(usage, 2);
  assertStringIncludes(name, "Unknown option --learning-rate");

  const [missing, where] = await failure(path, "--data", "nowhere", ...out);
  assertEquals(missing, 1);
  assertStringIncludes(where, "--data nowhere: there is no such folder");

  const [refused, flag] = await failure(path, "--out", "elsewhere/run");
  assertEquals(refused, 1);
  assertMatch(flag, /--allow-write=\S+elsewhere.run /);

  const data = ["--data", path];
  const taken = join(path, "t10k-labels-idx1-ubyte"); // a file, no folder
  const [blocked, why] = await failure(path, ...data, "--out", taken);
  assertEquals(blocked, 1);
  assertStringIncludes(
    why,
    `--out ${taken}: cannot keep the run there: there is a file`,
  );

  const huge = ["--activation", "relu", "--lr", "1e30"];
  const [diverged, advice] = await failure(path, ...data, ...out, ...huge);
  assertEquals(diverged, 1);
  assertStringIncludes(advice, "try a smaller learning rate");

  const pictures = join(path, "train-images-idx3-ubyte");
  Deno.truncateSync(pictures, 1000);
  const other = ["--out", join(path, "other")];
  const [truncated, file] = await failure(path, ...data, ...other);
  assertEquals(truncated, 1);
  assertStringIncludes(file, "is truncated");
  assert(!names(path).includes("other"), "no folder for what never began");
});

Deno.test({
  name: "train ends after the current step at Ctrl-C and keeps everything",
  ignore: Deno.build.os === "windows", // cannot send the signal there
  async fn() {
    using scratch = scratchFolder("train_cli");
    const { path } = scratch;
    writeMnist(path);
    const out = join(path, "run");
    const child = new Deno.Command("deno", {
      args: program(path, "--data", path, "--out", out, "--epochs", "1000000"),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const errors = new Response(child.stderr).text();
    let output = "";
    let sent = false;
    for await (
      const text of child.stdout.pipeThrough(new TextDecoderStream())
    ) {
      output += text;
      if (sent || !output.includes("\nepoch       2/")) continue;
      sent = true;
      child.kill("SIGINT");
    }
    const { code } = await child.status;
    assertEquals(code, 130, await errors);
    assertStringIncludes(await errors, "stopping after this step");
    assertStringIncludes(output, `results: ${out}`);
    assertEquals(names(out), [...files, "checkpoints"].sort());
    const epochs = lines(join(out, "metrics.jsonl")).map(({ epoch }) => epoch);
    assertEquals(epochs, epochs.map((_, i) => i + 1));
    assert(epochs.length >= 2 && epochs.length < 1000000);
  },
});

Deno.test("drawPicture() shows two rows of pixels in a line", () => {
  // deno-fmt-ignore
  const pixels = [
    0, 255, 0, 255,
    0, 0, 255, 255,
    255, 0, 0, 0,
  ];
  const picture = { pixels, channels: 1, width: 4, height: 3 } as const;
  assertEquals(drawPicture(picture, false), [" ▀▄█", "▀   "]);
  const [line] = drawPicture(picture, true);
  assert(line!.startsWith("\x1b[38;5;232;48;5;232m▀\x1b[38;5;255;48;5;232m▀"));
  assert(line!.endsWith("\x1b[0m"));
  const size = { channels: 3, width: 1, height: 1 } as const;
  const orange = { ...size, pixels: [255, 128, 0] };
  assertEquals(drawPicture(orange, true), [
    "\x1b[38;2;255;128;0;48;2;0;0;0m▀\x1b[0m",
  ]);
  assertEquals(drawPicture(orange, false), ["▀"]);
});

Deno.test("beside() puts captions under pictures", () => {
  const blocks = [
    { lines: ["ab", "cd"], caption: "x" },
    { lines: ["ef", "gh"], caption: "y" },
  ];
  assertEquals(beside(blocks, 2), "ab  ef\ncd  gh\nx   y");
});
