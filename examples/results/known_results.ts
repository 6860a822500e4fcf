/**
 * What the two course reports and PyTorch got, for docs/RESULTS.md: the rows of
 * its tables. PyTorch's figures are from runs of PyTorch 2.15 on two cores with
 * its own initialisation unless said, in the project's records; accuracy is on
 * the test samples.
 *
 * @module
 */

/** A line of a table. */
export interface KnownRow {
  /** What it is called. */
  label: string;
  /** The part of the run; a run with one part has `""`. */
  part: string;
  /** Options that tell the runs of one experiment apart. */
  where?: Readonly<Record<string, unknown>>;
  /** Figures of ours, by their names in `summary.json`. */
  figures: readonly string[];
  /** What the report got; empty where it had no such run. */
  report: string;
  /** What PyTorch got. */
  pytorch: string;
  /** Seconds an epoch of PyTorch, or of the report. */
  seconds: string;
}

/** An experiment's part of the page. */
export interface KnownTable {
  /** Its name at the command line. */
  experiment: string;
  title: string;
  /** How figures are called in the table's head, in the rows' order. */
  heads: readonly string[];
  rows: readonly KnownRow[];
  /** What it shows; shown with the results. */
  shows: string;
}

const best = ["bestAccuracy"] as const;
const mnist = (
  label: string,
  where: Record<string, string>,
  [report, pytorch, seconds]: readonly [string, string, string],
  part = "",
): KnownRow => ({
  label,
  part,
  where,
  figures: ["firstAccuracy", "bestAccuracy"],
  report,
  pytorch,
  seconds,
});

const palindromes = (
  length: number,
  [double, logits, adam]: readonly [string, string, string],
  seconds: string,
): KnownRow[] => {
  const figures = ["bestAccuracy", "lastAccuracy", "lowestOfLast20"];
  const report = length === 5 ? "learnt well" : "not learnt";
  return [
    {
      label: `T = ${length}, double softmax`,
      part: `T = ${length}, double softmax`,
      figures,
      report,
      pytorch: double,
      seconds,
    },
    {
      label: `T = ${length}, logits`,
      part: `T = ${length}, logits`,
      figures,
      report: "",
      pytorch: logits,
      seconds,
    },
    {
      label: `T = ${length}, steady`,
      part: `T = ${length}, steady`,
      figures,
      report: "",
      pytorch: adam,
      seconds: "",
    },
  ];
};

/** All of them, in the page's order. */
export const KNOWN: readonly KnownTable[] = [
  {
    experiment: "mnist_cnn",
    title: "CNN on MNIST, 10 epochs",
    heads: ["first epoch", "best"],
    rows: [
      mnist("sigmoid, SGD, summed loss", {}, [
        "0.926, best 0.983",
        "0.932-0.946, best 0.983-0.986 (4 seeds)",
        "33 (report), 7.8 (PyTorch)",
      ]),
      mnist("sigmoid, SGD, PyTorch's initialisation", { init: "pytorch" }, [
        "",
        "0.098 and 0.114, best 0.977 and 0.971 (2 seeds, 10 and 5 epochs)",
        "6.9 (PyTorch)",
      ]),
      mnist("ReLU, SGD, summed loss", { activation: "relu" }, [
        "best 0.983 (in truth a sigmoid)",
        "",
        "",
      ]),
      mnist("ReLU, SGD, PyTorch's initialisation", {
        activation: "relu",
        init: "pytorch",
      }, [
        "",
        "0.966-0.975, best 0.983 (2 seeds, 10 and 5 epochs)",
        "6.7 (PyTorch)",
      ]),
      mnist("sigmoid, Adam, fresh weights", { optimizer: "adam" }, [
        "",
        "",
        "",
      ]),
      mnist("sigmoid, Adam, PyTorch's initialisation", {
        optimizer: "adam",
        init: "pytorch",
      }, ["", "0.947, best 0.982 (1 seed)", "22 (PyTorch)"]),
      mnist(
        "sigmoid, Adam after 10 epochs of SGD",
        { optimizer: "adam-continued" },
        ["0.979, best 0.984", "", ""],
        "adam-continued",
      ),
    ],
    shows:
      "The report's Adam began at 0.979 because it went on with trained weights: from fresh ones the first epoch is far below, and continued as the report did it is as there.",
  },
  {
    experiment: "l2_regularization",
    title: "L2 regularisation: two moons, 100 noisy samples, MLP 2-100-100-2",
    heads: ["train loss", "test loss", "test accuracy"],
    rows: [0, 0.001, 0.01, 0.03, 0.1, 0.3].map((decay) => ({
      label: `weight decay ${decay}`,
      part: `weight decay, ${decay}`,
      figures: ["trainLossAtEnd", "testLossAtEnd", "testAccuracyAtEnd"],
      report: "",
      pytorch: "",
      seconds: "",
    })),
    shows:
      "Without decay the net learns the noise: its training loss is the lowest, its test loss several times that of the best decay, 0.01. Beyond that both rise, until at 0.3 nothing is learnt.",
  },
  {
    experiment: "normalization",
    title: "Normalisation: a sigmoid CNN on 20,000 digits, SGD, 5 epochs",
    heads: ["first epoch", "best", "last"],
    rows: ["none", "batch", "layer", "group"].map((part) => ({
      label: part,
      part,
      figures: ["firstAccuracy", "bestAccuracy", "lastAccuracy"],
      report: "",
      pytorch: part === "batch"
        ? "0.944, 0.728, 0.909 after epochs 1 to 3 (seed 0); 0.942, 0.964, 0.952 (seed 1)"
        : "",
      seconds: "",
    })),
    shows:
      "With PyTorch's initialisation the sigmoid net stays at the loss ln 10; each normalisation makes it learn in the first epoch. Batch normalisation's accuracy wavers from epoch to epoch, since it is tested with running moments: in PyTorch, too.",
  },
  {
    experiment: "optimizer_race",
    title: "A race of optimizers: two spirals, all 400 points in each step",
    heads: ["gradients to loss 0.01", "seconds to it", "lowest loss"],
    rows: ["sgd", "momentum", "adam", "lbfgs"].map((part) => ({
      label: part,
      part,
      figures: ["gradientsTo", "secondsTo", "trainLoss"],
      report: "",
      pytorch: "",
      seconds: "",
    })),
    shows:
      "The second-order method needs the fewest gradients by a factor of about two, but Adam's steps are so much cheaper that it is there first; plain SGD does not arrive in 3,000 gradients on every seed.",
  },
  {
    experiment: "toy_mlp",
    title: "MLP 2-20-2 on toy data, one sample a step, 1,500 epochs",
    heads: ["best", "last"],
    rows: [
      ["moons", "1.0", "1.0", "104 / 438"],
      ["circles", "0.82", "0.84-0.855", "96 / 429"],
      ["classification", "0.95", "0.885-0.945", "95 / 459"],
    ].map(([part, report, pytorch, all]) => ({
      label: part!,
      part: part!,
      figures: ["bestAccuracy", "lastAccuracy"],
      report: report!,
      pytorch: pytorch!,
      seconds: all!.split(" / ").map((s) => (Number(s) / 1500).toFixed(3))
        .join(" (numpy), ") + " (PyTorch)",
    })),
    shows:
      "Where a step is all overhead, the report's PyTorch lost to its numpy four to one; here an epoch of 800 steps takes a few milliseconds.",
  },
  {
    experiment: "cifar10_mlp",
    title: "MLP 3072-100-50-10 on CIFAR-10",
    heads: ["train accuracy at the end", "best", "last"],
    rows: [
      ["plain", "train 0.88, test about 0.50 (300 epochs)", "best 0.529"],
      ["dropout", "poor", "best 0.472"],
    ].map(([part, report, pytorch]) => ({
      label: part === "dropout" ? "dropout 0.5 and StepLR" : "plain",
      part: part!,
      figures: ["trainAccuracyAtEnd", "bestAccuracy", "lastAccuracy"],
      report: report!,
      pytorch: pytorch!,
      seconds: "",
    })),
    shows:
      "The plain net overfits in plain sight: training accuracy goes on rising while the test's falls from its best. With dropout and a rate that dies after some tens of epochs it learns too little to overfit.",
  },
  {
    experiment: "cifar10_cnn",
    title: "VGG-like CNN on CIFAR-10",
    heads: ["first epoch", "best"],
    rows: [{
      label: "Adam 1e-4, batch 32",
      part: "",
      figures: ["firstAccuracy", ...best],
      report: "0.80-0.84 (up to 400 epochs)",
      pytorch: "0.66, 0.74 after epochs 1 and 2 (1 seed)",
      seconds: "535 (PyTorch)",
    }],
    shows:
      "The first epoch goes as in PyTorch. The report's 50 to 400 epochs were not run.",
  },
  {
    experiment: "image_folder",
    title: "Small CNN on CIFAR-10 as a folder of JPEG files",
    heads: ["first epoch", "best", "last"],
    rows: [{
      label: "3 convolutions, Adam 1e-3, crops and flips",
      part: "",
      figures: ["firstAccuracy", "bestAccuracy", "lastAccuracy"],
      report: "",
      pytorch: "",
      seconds: "",
    }],
    shows:
      "60,000 JPEG files are read in the layout of torchvision.ImageFolder, and a hundredth of the VGG's weights is enough for most of its second epoch's accuracy.",
  },
  {
    experiment: "palindrome_rnn",
    title: "RNN on palindromes of T digits, 100 epochs",
    heads: ["best", "last", "lowest of the last 20"],
    rows: [
      ...palindromes(5, [
        "best 1.0, last 0.91",
        "best 1.0, last 1.0",
        "1.0 from epoch 10 (Adam)",
      ], "0.3-0.5 (PyTorch)"),
      ...palindromes(12, [
        "0.65-0.91 (60 epochs)",
        "best 1.0, last 0.21 (60 epochs)",
        "1.0 from epoch 40 (Adam, 2 seeds)",
      ], "0.5-1.3 (PyTorch)"),
      ...palindromes(19, [
        "0.10-0.19 (60 epochs)",
        "best 1.0, last 1.0 (60 epochs)",
        "0.19 or 1.0 by seed (Adam)",
      ], "0.7-1.3 (PyTorch)"),
    ],
    shows:
      "Logits and the double softmax differ in nothing but the mistake. With it T = 19 is never learnt and T = 12 on one seed of three, for some epochs; without it T = 12 is learnt within 5 epochs on every seed, T = 19 on two of three within 13, and then lost again. With orthogonal weights between states, Adam, clipping at 1 and a falling rate every length is learnt within 5 epochs on every seed and stays at 1. So the length was not what failed: at T = 12 the second softmax alone was, at T = 19 the settings, too.",
  },
  {
    experiment: "char_gpt",
    title: "A small GPT on this repository's pages",
    heads: ["train loss", "test loss", "next character right"],
    rows: [{
      label: "3 layers of width 96",
      part: "",
      figures: ["trainLoss", "validLoss", "bestAccuracy"],
      report: "",
      pytorch: "",
      seconds: "",
    }],
    shows:
      "A Transformer learns words and the look of Markdown from 47,000 characters in some minutes.",
  },
];
