import * as nn from "@fdunn/nn";
import { exportOnnx } from "@fdunn/nn/onnx";
import {
  arange,
  listenToWarnings,
  ones,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "@fdunn/tensor";
import { apply, type Op } from "@fdunn/tensor/op";
import { readModel } from "@fdunn/testing";
import { assert, assertEquals, assertThrows } from "@std/assert";

/** A function as a module. */
class Net extends nn.Module<Tensor[], unknown> {
  readonly #f: (...inputs: Tensor[]) => unknown;

  constructor(f: (...inputs: Tensor[]) => unknown) {
    super();
    this.#f = f;
  }

  forward(...inputs: Tensor[]): unknown {
    return this.#f(...inputs);
  }
}

function operators(file: Uint8Array): string[] {
  return readModel(file).nodes.map(({ operator }) => operator);
}

Deno.test("a file has the model's layers as nodes and its weights by name", () => {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.ReLU(),
    new nn.Dropout(0.5),
    new nn.Flatten(),
    new nn.Linear(64, 3),
  );
  const file = readModel(
    exportOnnx(model, randn([2, 1, 4, 4]), { doc: "A small one." }),
  );
  assertEquals([file.producer, file.opset, file.doc], [
    ...["fdunn", 21, "A small one."],
  ]);
  assertEquals(
    file.nodes.map(({ operator, name }) => [operator, name]),
    [["Conv", "0/Conv"], ["Relu", "1/Relu"], ["Reshape", "3/Reshape"], [
      "Gemm",
      "4/Gemm",
    ]],
  );
  const state = model.stateDict();
  for (const [name, value] of Object.entries(state)) {
    const stored = file.tensors.find((entry) => entry.name === name)!;
    assertEquals(stored.shape, [...value.shape]);
    const bytes = new Float32Array(stored.bytes.slice().buffer);
    assertEquals(bytes, value.data());
  }
  assertEquals(
    file.inputs.map(({ name, shape, type }) => [name, shape, type]),
    [
      ["input", [2, 1, 4, 4], 1],
    ],
  );
  assertEquals(file.outputs.map(({ name, shape }) => [name, shape]), [
    ["output", [2, 3]],
  ]);
});

Deno.test("shared weights are stored once, unused ones not at all", () => {
  class Tied extends nn.Module<[Tensor]> {
    embedding = new nn.Embedding(9, 4);
    again = this.embedding;
    unused = new nn.Linear(4, 4);
    forward(codes: Tensor): Tensor {
      const x = this.again.forward(codes);
      return x.matmul(this.embedding.weight.t());
    }
  }
  const codes = zeros([2, 3], { dtype: "int32" });
  const file = readModel(exportOnnx(new Tied(), codes));
  const weights = file.tensors.filter(({ type }) => type === 1);
  assertEquals(weights.map(({ name }) => name), ["embedding.weight"]);
  assertEquals(file.inputs[0]!.type, 6); // int32

  class Steps extends nn.Module<[Tensor]> {
    cell = new nn.LSTMCell(2, 3);
    forward(x: Tensor): Tensor {
      let state: [Tensor, Tensor] | null = null;
      for (const step of x.unbind(0)) state = this.cell.forward(step, state);
      return state![0];
    }
  }
  const steps = readModel(exportOnnx(new Steps(), randn([4, 1, 2])));
  assertEquals(steps.nodes.filter((n) => n.operator === "LSTM").length, 4);
  assertEquals(
    steps.tensors.filter((t) => t.name.includes("weight")).length,
    2,
  );
});

Deno.test("named sizes are those of inputs and outputs, others get names", () => {
  const model = new Net((
    x,
  ) => [x!.relu(), x!.reshape([-1]), x!.narrow(1, 0, 2)]);
  const file = readModel(exportOnnx(model, [ones([2, 3])], {
    inputNames: ["x"],
    outputNames: ["y", "flat", "part"],
    dynamicAxes: { x: { 0: "batch" }, flat: { 0: "all" } },
  }));
  assertEquals(file.inputs[0]!.shape, ["batch", 3]);
  assertEquals(file.outputs.map(({ shape }) => shape), [
    ["batch", 3],
    ["all"],
    ["batch", 2],
  ]);
  assertEquals(file.outputs.map(({ name }) => name), ["y", "flat", "part"]);
});

Deno.test("numbers that are sizes are read when the graph runs", () => {
  const mean = new Net((x) => x!.sum(0).div(x!.shape[0]!));
  const options = { dynamicAxes: { input: { 0: "batch" } } };
  assertEquals(operators(exportOnnx(mean, ones([2, 3]), options)), [
    ...["ReduceSum", "Shape", "Squeeze", "Cast", "Div"],
  ]);
  assertEquals(operators(exportOnnx(mean, ones([2, 3]))), ["ReduceSum", "Div"]);
  const root = new Net((x) => x!.mul(2 / Math.sqrt(x!.shape[0]!)));
  assertEquals(operators(exportOnnx(root, ones([2, 3]), options)), [
    ...["Shape", "Squeeze", "Cast", "Pow", "Mul", "Mul"],
  ]);
});

Deno.test("what comes of constants alone is stored, what is not needed is not", () => {
  const model = new Net((x) => {
    const wave = arange(6).mul(0.5).sin().reshape([2, 3]); // constants
    void x!.exp(); // nobody needs it
    return x!.add(wave);
  });
  const file = readModel(exportOnnx(model, zeros([2, 3])));
  assertEquals(file.nodes.map(({ operator }) => operator), ["Add"]);
  assertEquals(file.tensors.map(({ shape }) => shape), [[2, 3]]);
  const passes = new Net((x) => [x!, x!, tensor([1, 2])]);
  assertEquals(operators(exportOnnx(passes, ones([1]))), [
    ...["Identity", "Identity", "Identity"],
  ]);
});

Deno.test("the model is in evaluation mode meanwhile, and then as it was", () => {
  const dropout = new nn.Dropout(0.5).eval();
  const norm = new nn.BatchNorm1d(3);
  const model = new nn.Sequential(dropout, norm);
  model.training = true;
  const file = exportOnnx(model, randn([4, 3]));
  assertEquals(operators(file), ["BatchNormalization"]);
  assertEquals([model.training, dropout.training, norm.training], [
    ...[true, false, true],
  ]);
  assertEquals(norm.numBatchesTracked!.item(), 0);
  assertThrows(() => exportOnnx(model, zeros([4, 5])), RangeError);
  assertEquals(norm.training, true);
  // Nothing of the tracing is left.
  const x = tensor([[1, 2, 3]]);
  assertEquals(x.data.name, "data");
  assertEquals(x.sum().item(), 6);
});

Deno.test("an op without an operator is named, and the module that ran it", () => {
  class Head extends nn.Module<[Tensor]> {
    forward(x: Tensor): Tensor {
      return x.cumprod(0);
    }
  }
  const model = new nn.Sequential(new nn.Sequential(new nn.ReLU(), new Head()));
  assertThrows(
    () => exportOnnx(model, ones([3])),
    TypeError,
    "exportOnnx() met cumprod() in Sequential.0.1 (Head), which has no ONNX operator",
  );
  const OWN: Op = {
    name: "mystery",
    saves: "none",
    forward: (_, x) => x,
    backward: null,
  };
  assertThrows(
    () => exportOnnx(new Net((x) => apply(OWN, [x!], undefined)), ones([3])),
    TypeError,
    "met mystery() in Net",
  );
  // Of constants alone it is one.
  const constant = new Net((x) => x!.add(tensor([1, 2, 3]).cumprod(0)));
  assertEquals(operators(exportOnnx(constant, ones([3]))), ["Add"]);
  assertThrows(
    () => exportOnnx(new Net((x) => x!.index([x!.gt(0)])), ones([3])),
    TypeError,
    "nonzero() in Net",
  );
});

Deno.test("what forward makes once and keeps is there when it is followed", () => {
  class Kept extends nn.Module<[Tensor]> {
    readonly #masks = new Map<number, Tensor>();
    table: Tensor | null = null;
    forward(x: Tensor): Tensor {
      const n = x.shape[0]!;
      if (this.table === null || this.table.shape[0]! < n) {
        this.table = arange(n).square();
      }
      const mask = this.#masks.get(n) ?? ones([n, n]).tril();
      this.#masks.set(n, mask);
      return mask.matmul(x).add(this.table.narrow(0, 0, n).unsqueeze(1));
    }
  }
  assertEquals(operators(exportOnnx(new Kept(), ones([3, 2]))), [
    ...["MatMul", "Add"],
  ]);
  // Of a table for all sizes a part is taken.
  const grown = new Net((x) => x!.add(table.narrow(0, 0, x!.shape[0]!)));
  const table = arange(20).square();
  const options = { dynamicAxes: { input: { 0: "n" } } };
  assertEquals(operators(exportOnnx(grown, ones([3]), options)), [
    ...["Shape", "Slice", "Add"],
  ]);
});

Deno.test("writing in place is refused, but filling a new tensor is not", () => {
  assertThrows(
    () => exportOnnx(new Net((x) => x!.mul(2).add_(1)), ones([3])),
    Error,
    "exportOnnx() cannot follow add_() in Net, which writes in place: use add()",
  );
  assertThrows(
    () => exportOnnx(new Net((x) => zeros([3]).copy_(x!)), ones([3])),
    Error,
    "copy_() in Net",
  );
  const filled = new Net((x) => x!.add(zeros([3]).fill_(2)));
  assertEquals(operators(exportOnnx(filled, ones([3]))), ["Add"]);
});

Deno.test("numbers that leave tensors are warned of, and kept as they were", () => {
  const warnings: string[] = [];
  const stop = listenToWarnings((message) => warnings.push(message));
  try {
    exportOnnx(new Net((x) => x!.mul(x!.sum().item())), ones([2]));
    const constant = new Net((x) => x!.mul(tensor([4]).sum().item()));
    exportOnnx(constant, ones([2]));
    // What only checks is left out, or done in the graph.
    exportOnnx(new Net((x, y) => x!.remainder(y!)), [
      ...[ones([2]).to("int32"), ones([2]).to("int32")],
    ]);
    const attention = new nn.MultiheadAttention(4, 1, { batchFirst: true });
    const [x, mask] = [randn([2, 3, 4]), zeros([2, 3], { dtype: "bool" })];
    exportOnnx(attention, [x, x, x, { keyPaddingMask: mask }]);
  } finally {
    stop();
  }
  assertEquals(warnings.length, 1, warnings.join("\n"));
  assert(warnings[0]!.startsWith(
    "exportOnnx() met item() of a tensor [] in Net: what comes of those numbers is a constant of the file",
  ));
});

Deno.test("random constants, and forwards that depend on sizes, are refused", () => {
  assertThrows(
    () => exportOnnx(new Net((x) => x!.add(randn([3]))), ones([3])),
    RangeError,
    "add() in Net takes a constant [3] that is another in every run",
  );
  const batch = { dynamicAxes: { input: { 0: "batch" } } };
  const branch = new Net((x) => x!.shape[0]! > 2 ? x!.relu() : x!.exp());
  assertThrows(
    () => exportOnnx(branch, ones([2, 2]), batch),
    RangeError,
    "exportOnnx() saw forward run other ops for inputs of other sizes (exp() in Net of [2, 2]; relu() in Net of [3, 2])",
  );
  const rows = new nn.Sequential(new nn.Flatten(0), new nn.Linear(6, 1));
  assertThrows(
    () => exportOnnx(rows, ones([2, 3]), batch),
    RangeError,
    "got dynamicAxes batch, but forward takes no other sizes than [2], such as [3]",
  );
  assertThrows(
    () => exportOnnx(new nn.Linear(4, 1), ones([2, 3]), batch),
    RangeError,
    "linear() got", // of the example itself: no word of sizes
  );
  const squares = new Net((x) =>
    x!.reshape([-1]).narrow(0, 0, x!.shape[0]! ** 2)
  );
  assertThrows(
    () => exportOnnx(squares, ones([2, 50]), batch),
    RangeError,
    "slice() in Net has a size that depends on the inputs' sizes in no way",
  );
  const mask = new Net((x) => {
    const n = x!.shape[0]!;
    return x!.add(tensor(Float32Array.from({ length: n }, (_, i) => i * i)));
  });
  assertThrows(
    () => exportOnnx(mask, ones([4]), batch),
    RangeError,
    "add() in Net takes a constant of shapes [4], [5], [6]",
  );
});

Deno.test("options that do not fit are refused", () => {
  const model = new nn.Linear(3, 2);
  const refuse = (options: object, sentence: string) =>
    assertThrows(
      () => exportOnnx(model, ones([2, 3]), options),
      RangeError,
      sentence,
    );
  refuse({ opsetVersion: 17 }, "writes opset 21, got opsetVersion 17");
  refuse({ inputNames: ["a", "b"] }, 'got inputNames "a", "b", expected 1');
  refuse({ outputNames: [""] }, 'got outputNames "", expected 1');
  refuse({ inputNames: ["output"] }, 'got the name "output" twice');
  refuse(
    { dynamicAxes: { x: { 0: "n" } } },
    'got dynamicAxes for "x", expected',
  );
  refuse({ dynamicAxes: { input: [0] } }, 'axis 0 of "input", expected a name');
  refuse({ dynamicAxes: { input: { 2: "n" } } }, 'axis 2 of "input", expected');
  const pair = new Net((x, y) => x!.add(y!));
  assertThrows(
    () =>
      exportOnnx(pair, [ones([2]), ones([1])], {
        dynamicAxes: { input_0: { 0: "n" }, input_1: { 0: "n" } },
      }),
    RangeError,
    'got dynamicAxes with "n" for sizes 2 and 1, which must be equal',
  );
  assertThrows(
    () => exportOnnx(new Net((x) => Promise.resolve(x)), ones([2])),
    TypeError,
    "exportOnnx() got a forward that returns a promise",
  );
  assertThrows(
    () => exportOnnx(new Net(() => 3), ones([2])),
    TypeError,
    "returns no tensor",
  );
});

Deno.test("inputs and outputs may stand in lists and records", () => {
  const model = new class extends nn.Module<
    [{ x: Tensor; pair: [Tensor, Tensor] }, number],
    { sum: Tensor; parts: Tensor[] }
  > {
    forward(given: { x: Tensor; pair: [Tensor, Tensor] }, factor: number) {
      const parts = given.pair.map((part) => part.mul(factor));
      return { sum: given.x.add(parts[0]!).add(parts[1]!), parts };
    }
  }();
  const x = ones([2]);
  const file = readModel(exportOnnx(model, [{ x, pair: [x, x] }, 3]));
  assertEquals(file.inputs.map(({ name }) => name), [
    ...["input_0", "input_1", "input_2"],
  ]);
  assertEquals(file.outputs.map(({ name }) => name), [
    ...["output_0", "output_1", "output_2"],
  ]);
});
