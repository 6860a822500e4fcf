import * as nn from "@fdunn/nn";
import { exportOnnx } from "@fdunn/nn/onnx";
import { randn, type Tensor, zeros } from "@fdunn/tensor";
import { readModel } from "@fdunn/testing";
import { assertEquals } from "@std/assert";

type Layer = nn.Module<never[], unknown>;

function operators(layer: Layer, ...inputs: unknown[]): string {
  const model = layer as nn.Module<unknown[], unknown>;
  const { nodes } = readModel(exportOnnx(model, inputs));
  return nodes.map(({ operator }) => operator).join(" ");
}

const rows = () => randn([2, 4]);
const steps = () => randn([2, 4, 6]);
const images = () => randn([2, 4, 6, 6]);
const volumes = () => randn([2, 4, 3, 3, 3]);
const codes = () => zeros([2, 3], { dtype: "int32" });

/** Layers, an input each, and the operators that the file has. */
const TABLE: readonly [layer: () => nn.AnyModule, x: () => Tensor, string][] = [
  [() => new nn.Linear(4, 3), rows, "Gemm"],
  [() => new nn.Linear(6, 3), steps, "Transpose MatMul Add"],
  [() => new nn.Conv1d(4, 4, 3), steps, "Conv"],
  [() => new nn.Conv2d(4, 4, 3), images, "Conv"],
  [() => new nn.Conv3d(4, 4, 3), volumes, "Conv"],
  [() => new nn.ConvTranspose1d(4, 2, 3), steps, "ConvTranspose"],
  [() => new nn.ConvTranspose2d(4, 2, 3), images, "ConvTranspose"],
  [() => new nn.BatchNorm2d(4), images, "BatchNormalization"],
  [() => new nn.LayerNorm(6), steps, "LayerNormalization"],
  [() => new nn.GroupNorm(2, 4), images, "GroupNormalization"],
  [() => new nn.InstanceNorm2d(4), images, "InstanceNormalization"],
  [() => new nn.MaxPool1d(2), steps, "MaxPool"],
  [() => new nn.AvgPool1d(2), steps, "AveragePool"],
  [() => new nn.MaxPool2d(2), images, "MaxPool"],
  [() => new nn.AvgPool2d(2), images, "AveragePool"],
  [() => new nn.GlobalAvgPool2d(), images, "GlobalAveragePool"],
  [() => new nn.ReflectionPad2d(1), images, "Pad"],
  [() => new nn.ReplicationPad1d(1), steps, "Pad"],
  [() => new nn.CircularPad2d(1), images, "Pad"],
  [() => new nn.ConstantPad2d(1, 2), images, "Pad"],
  [() => new nn.Upsample({ scaleFactor: 2 }), images, "Resize"],
  [() => new nn.PixelShuffle(2), images, "DepthToSpace"],
  [() => new nn.Fold([3, 4], [2, 2]), () => randn([2, 8, 6]), "Col2Im"],
  [() => new nn.PReLU(), images, "PRelu"],
  [() => new nn.GELU(), rows, "Gelu"],
  [() => new nn.Hardswish(), rows, "HardSwish"],
  [() => new nn.Embedding(9, 4), codes, "Gather"],
  [() => new nn.EmbeddingBag(9, 4), codes, "Gather ReduceMean"],
  [
    () => new nn.Embedding(9, 4, { maxNorm: 1 }),
    codes,
    "Gather Abs Pow ReduceSum Pow Add Div Greater Where Mul",
  ],
  [() => new nn.GRU(6, 3), steps, "Concat GRU Squeeze"],
  [() => new nn.RNN(6, 3, { bias: false }), steps, "RNN Squeeze"],
  [
    () => new nn.LSTM(6, 3, { bias: false, bidirectional: true }),
    steps,
    "Concat Concat LSTM Transpose Reshape",
  ],
];

Deno.test("layers are the operators that ONNX has for them", () => {
  const seen = TABLE.map(([make, x]) => {
    const layer = make();
    return [`${layer}`, operators(layer as Layer, x())];
  });
  assertEquals(seen, TABLE.map(([make, , names]) => [`${make()}`, names]));
});

Deno.test("losses of labels are operators, too", () => {
  const labels = zeros([2], { dtype: "int32" });
  const losses = [new nn.CrossEntropyLoss(), new nn.NLLLoss()];
  assertEquals(losses.map((loss) => operators(loss, rows(), labels)), [
    "Cast SoftmaxCrossEntropyLoss",
    "Cast NegativeLogLikelihoodLoss",
  ]);
});

Deno.test("a subclass with a forward of its own is looked into", () => {
  class Scaled extends nn.Conv1d {
    override forward(x: Tensor): Tensor {
      return super.forward(x.mul(2)).add(1);
    }
  }
  assertEquals(operators(new Scaled(4, 4, 3), steps()), "Mul Conv Add");
  class Plain extends nn.Conv1d {}
  assertEquals(operators(new Plain(4, 4, 3), steps()), "Conv");
});

Deno.test("layers of single samples, which operators do not take, are ops", () => {
  assertEquals(
    operators(new nn.Conv1d(4, 4, 3), randn([4, 6])),
    "Reshape Reshape Conv Reshape",
  );
  const names = operators(new nn.LSTM(6, 3), randn([5, 6])).split(" ");
  assertEquals(names.filter((name) => name === "LSTM").length, 1);
});
