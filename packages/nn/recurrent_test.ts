import { cat, randn, stack, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell } from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

Deno.test("RNNCell steps from zeros and from a state", () => {
  const cell = new RNNCell(1, 1, { nonlinearity: "relu" });
  cell.loadStateDict({
    weight_ih: tensor([[2]]),
    weight_hh: tensor([[3]]),
    bias_ih: tensor([0.5]),
    bias_hh: tensor([0.25]),
  });
  const h = cell.forward(tensor([[1]]));
  assertEquals(h.toArray(), [[2.75]]);
  assertEquals(cell.forward(tensor([[1]]), h).toArray(), [[11]]);
  assertEquals(cell.forward(tensor([1]), tensor([2.75])).toArray(), [11]);
});

Deno.test("RNN is its cells, layer by layer", () => {
  const layer = new RNN(3, 4, { numLayers: 2 });
  const cells = [new RNNCell(3, 4), new RNNCell(4, 4)];
  const state = layer.stateDict();
  cells.forEach((cell, i) => {
    const own = Object.keys(cell.stateDict())
      .map((name) => [name, state[`${name}_l${i}`]!] as const);
    cell.loadStateDict(Object.fromEntries(own));
  });
  const [x, h0] = [randn([5, 2, 3]), randn([2, 2, 4])];
  const [states, last] = layer.forward(x, h0);
  let [a, b] = [h0.select(0, 0), h0.select(0, 1)];
  const expected = Array.from({ length: 5 }, (_, t) => {
    a = cells[0]!.forward(x.select(0, t), a);
    return b = cells[1]!.forward(a, b);
  });
  const difference = stack(expected, 0).sub(states).abs().amax().item();
  assert(difference < 1e-6, `${difference}`);
  const ends = stack([a, b], 0).sub(last).abs().amax().item();
  assert(ends < 1e-6, `${ends}`);
});

Deno.test("RNN takes the batch first, and single sequences", () => {
  const layer = new RNN(3, 4);
  const turned = new RNN(3, 4, { batchFirst: true });
  turned.loadStateDict(layer.stateDict());
  const x = randn([5, 2, 3]);
  const [states, last] = layer.forward(x);
  const [other, end] = turned.forward(x.transpose(0, 1));
  assertEquals(other.shape, [2, 5, 4]);
  assertEquals(other.transpose(0, 1).toArray(), states.toArray());
  assertEquals(end.toArray(), last.toArray());
  const one = x.select(1, 1);
  const [single, final] = layer.forward(one, zeros([1, 4]));
  assertEquals([single.shape, final.shape], [[5, 4], [1, 4]]);
  assertEquals(turned.forward(one)[0].toArray(), single.toArray());
});

Deno.test("RNN has PyTorch's names, and no biases without them", () => {
  assertEquals(Object.keys(new RNN(2, 3, { numLayers: 2 }).stateDict()), [
    "weight_ih_l0",
    "weight_hh_l0",
    "bias_ih_l0",
    "bias_hh_l0",
    "weight_ih_l1",
    "weight_hh_l1",
    "bias_ih_l1",
    "bias_hh_l1",
  ]);
  const layer = new RNN(2, 3, { bias: false, nonlinearity: "relu" });
  assertEquals(Object.keys(layer.stateDict()), [
    "weight_ih_l0",
    "weight_hh_l0",
  ]);
  assertEquals(`${layer}`, "RNN(2, 3, bias=false, nonlinearity=relu)");
  assertEquals(`${new RNNCell(2, 3)}`, "RNNCell(2, 3, nonlinearity=tanh)");
  const double = new RNN(2, 3).to("float64");
  const [states] = double.forward(randn([2, 1, 2], { dtype: "float64" }));
  assertEquals(states.dtype, "float64");
});

Deno.test("RNN drops between layers while training only", () => {
  const layer = new RNN(2, 8, { numLayers: 2, dropout: 1 });
  const free = new RNN(2, 8, { numLayers: 2 });
  free.loadStateDict(layer.stateDict());
  const x = randn([3, 2, 2]);
  const [dropped] = layer.forward(x);
  // Nothing of x reaches the second layer: the batch's rows are alike.
  assertEquals(
    dropped.select(1, 0).toArray(),
    dropped.select(1, 1).toArray(),
  );
  layer.eval();
  assertEquals(layer.forward(x)[0].toArray(), free.forward(x)[0].toArray());
});

Deno.test("RNN passes gradients to all parameters", () => {
  const layer = new RNN(2, 3, { numLayers: 2 });
  const [states, last] = layer.forward(randn([4, 2, 2]));
  states.sum().add(last.square().sum()).backward();
  assert(layer.parameters().every((p) => p.grad!.abs().sum().item() > 0));
});

Deno.test("recurrent layers refuse what does not fit", () => {
  assertThrows(() => new RNN(0, 2), RangeError, "inputSize 0");
  assertThrows(() => new RNNCell(2, 0), RangeError, "hiddenSize 0");
  assertThrows(() => new RNN(1, 2, { numLayers: 0 }), RangeError, "numLayers");
  assertThrows(
    () => new RNN(1, 2, { nonlinearity: "sigmoid" as "tanh" }),
    RangeError,
    '"sigmoid"',
  );
  const layer = new RNN(2, 3);
  assertThrows(
    () => layer.forward(zeros([4, 2, 3])),
    RangeError,
    "RNN got input [4, 2, 3], expected [T, N, 2]",
  );
  assertThrows(
    () => layer.forward(zeros([4, 2, 2]), zeros([1, 1, 3])),
    RangeError,
    "first states [1, 1, 3], expected [1, 2, 3]",
  );
  assertThrows(() => layer.weightsOf(1), RangeError, "no layer 1");
});

Deno.test("a bidirectional layer is one forward and one on the reversed input", () => {
  for (const Layer of [RNN, LSTM, GRU]) {
    const both = new Layer(3, 2, { bidirectional: true });
    const state = both.stateDict();
    const parts = ["", "_reverse"].map((suffix) => {
      const part = new Layer(3, 2);
      const own = Object.keys(part.stateDict())
        .map((name) => [name, state[`${name}${suffix}`]!] as const);
      part.loadStateDict(Object.fromEntries(own));
      return part;
    });
    const x = randn([4, 2, 3]);
    const back = (y: Tensor) =>
      stack([3, 2, 1, 0].map((t) => y.select(0, t)), 0);
    const [states] = both.forward(x);
    const [ahead] = parts[0]!.forward(x);
    const [behind] = parts[1]!.forward(back(x));
    assertEquals(states.toArray(), cat([ahead, back(behind)], 2).toArray());
  }
});

Deno.test("LSTM and GRU are their cells", () => {
  const [x, h0, c0] = [randn([5, 2, 3]), randn([2, 4]), randn([2, 4])];
  const near = (a: Tensor, b: Tensor) => {
    const difference = a.sub(b).abs().amax().item();
    assert(difference < 1e-6, `${difference}`);
  };
  const stateOf = (layer: LSTM | GRU) =>
    Object.fromEntries(
      Object.entries(layer.stateDict())
        .map(([name, value]) => [name.replace("_l0", ""), value]),
    );
  const lstm = new LSTM(3, 4);
  const long = new LSTMCell(3, 4);
  long.loadStateDict(stateOf(lstm));
  const [states, [h, c]] = lstm.forward(x, [
    h0.unsqueeze(0),
    c0.unsqueeze(0),
  ]);
  let pair: [Tensor, Tensor] = [h0, c0];
  for (let t = 0; t < 5; t++) {
    pair = long.forward(x.select(0, t), pair);
    near(states.select(0, t), pair[0]);
  }
  near(h.squeeze(0), pair[0]);
  near(c.squeeze(0), pair[1]);
  const row = long.forward(x.select(0, 0).select(0, 1), [
    h0.select(0, 1),
    c0.select(0, 1),
  ]);
  assertEquals(row.map((y) => y.shape), [[4], [4]]);
  near(row[0], states.select(0, 0).select(0, 1));

  const gru = new GRU(3, 4);
  const gated = new GRUCell(3, 4);
  gated.loadStateDict(stateOf(gru));
  const [all, last] = gru.forward(x, h0.unsqueeze(0));
  let state = h0;
  for (let t = 0; t < 5; t++) {
    state = gated.forward(x.select(0, t), state);
    near(all.select(0, t), state);
  }
  near(last.squeeze(0), state);
});

Deno.test("LSTM and GRU have PyTorch's names, shapes and first values", () => {
  const layer = new LSTM(2, 3, { numLayers: 2, bidirectional: true });
  const state = layer.stateDict();
  assertEquals(
    Object.entries(state).map(([name, value]) => [name, value.shape]),
    [0, 1].flatMap((i) =>
      ["", "_reverse"].flatMap((direction) => [
        [`weight_ih_l${i}${direction}`, [12, i === 0 ? 2 : 6]],
        [`weight_hh_l${i}${direction}`, [12, 3]],
        [`bias_ih_l${i}${direction}`, [12]],
        [`bias_hh_l${i}${direction}`, [12]],
      ])
    ),
  );
  for (const value of Object.values(state)) {
    const largest = value.abs().amax().item();
    assert(largest <= 1 / Math.sqrt(3) && largest > 0.2, `${largest}`);
  }
  assertEquals(
    `${new GRU(2, 3, { bidirectional: true, dropout: 0.5, numLayers: 2 })}`,
    "GRU(2, 3, numLayers=2, dropout=0.5, bidirectional=true)",
  );
  assertEquals(
    `${new LSTMCell(2, 3, { bias: false })}`,
    "LSTMCell(2, 3, bias=false)",
  );
  const double = new LSTM(2, 3).to("float64");
  const [y] = double.forward(randn([2, 1, 2], { dtype: "float64" }));
  assertEquals(y.dtype, "float64");
});

Deno.test("LSTM and GRU take the batch first, single sequences, and go on", () => {
  for (const batchFirst of [false, true]) {
    const gru = new GRU(3, 4, { batchFirst, numLayers: 2 });
    const x = randn([5, 3]);
    const [whole, last] = gru.forward(x);
    assertEquals([whole.shape, last.shape], [[5, 4], [2, 4]]);
    const [first, middle] = gru.forward(x.narrow(0, 0, 2));
    const [rest, end] = gru.forward(x.narrow(0, 2, 3), middle);
    assertEquals(cat([first, rest], 0).toArray(), whole.toArray());
    assertEquals(end.toArray(), last.toArray());
    const lstm = new LSTM(3, 4, { batchFirst });
    const rows = randn(batchFirst ? [2, 5, 3] : [5, 2, 3]);
    const [states, [h, c]] = lstm.forward(rows);
    assertEquals(states.shape, batchFirst ? [2, 5, 4] : [5, 2, 4]);
    assertEquals(
      h.squeeze(0).toArray(),
      states.select(batchFirst ? 1 : 0, -1).toArray(),
    );
    assertEquals(c.shape, [1, 2, 4]);
  }
});

Deno.test("LSTM learns what its last state alone tells", () => {
  const layer = new LSTM(2, 3, { numLayers: 2, bidirectional: true });
  const [, [h, c]] = layer.forward(randn([4, 2, 2]));
  h.sum().add(c.square().sum()).backward();
  assert(layer.parameters().every((p) => p.grad!.abs().sum().item() > 0));
});

Deno.test("LSTM and GRU refuse what does not fit", () => {
  assertThrows(() => new LSTM(0, 2), RangeError, "LSTM got inputSize 0");
  assertThrows(() => new GRU(1, 2, { dropout: 2 }), RangeError, "dropout 2");
  assertThrows(() => new GRUCell(2, 0), RangeError, "GRUCell got hiddenSize 0");
  const layer = new LSTM(2, 3);
  assertThrows(
    () => layer.forward(zeros([4, 2, 3])),
    RangeError,
    "LSTM got input [4, 2, 3], expected [T, N, 2]",
  );
  assertThrows(
    () => layer.forward(zeros([4, 2, 2]), [zeros([1, 2, 3]), zeros([1, 1, 3])]),
    RangeError,
    "LSTM got first states [1, 1, 3], expected [1, 2, 3]",
  );
  assertThrows(() => layer.weightsOf(0, true), RangeError, "not bidirectional");
});
