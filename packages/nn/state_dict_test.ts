import { type Tensor, tensor, zeros } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

function model(): nn.Sequential {
  return new nn.Sequential(
    new nn.Linear(3, 2),
    new nn.ReLU(),
    new nn.Linear(2, 1),
  );
}

Deno.test("stateDict() has PyTorch's names and shares bytes", () => {
  const net = model();
  const state = net.stateDict();
  assertEquals(Object.keys(state), [
    "0.weight",
    "0.bias",
    "2.weight",
    "2.bias",
  ]);
  assert(Object.values(state).every((t) => !t.requiresGrad && t.isLeaf));
  state["0.bias"]!.fill_(7);
  assertEquals((net[0] as nn.Linear).bias!.toArray(), [7, 7]);
});

Deno.test("loadStateDict() makes a round trip", () => {
  const [a, b] = [model(), model()];
  const x = tensor([[1, -2, 3]]);
  assert(a.forward(x).item() !== b.forward(x).item());
  const report = b.loadStateDict(a.stateDict());
  assertEquals(report, { missingKeys: [], unexpectedKeys: [] });
  assertEquals(b.forward(x).item(), a.forward(x).item());
  assert(b.parameters().every((p) => p.requiresGrad && p.isLeaf));
  // Copied, not shared.
  a.stateDict()["2.bias"]!.fill_(9);
  assert(b.stateDict()["2.bias"]!.item() !== 9);
});

Deno.test("loadStateDict() converts dtypes", () => {
  const net = model();
  const state = net.stateDict();
  state["2.bias"] = tensor(new Float64Array([0.5]));
  net.loadStateDict(state);
  assertEquals(net.stateDict()["2.bias"]!.dtype, "float32");
  assertEquals(net.stateDict()["2.bias"]!.item(), 0.5);
});

Deno.test("loadStateDict() names all faults and writes nothing", () => {
  const net = model();
  const before = Object.values(net.stateDict()).map((t) => t.toArray());
  const state: Record<string, Tensor> = {
    "0.weight": zeros([2, 3]),
    "0.bias": zeros([3]),
    "2.weight": zeros([1, 2]),
    "3.bias": zeros([1]),
  };
  assertThrows(
    () => net.loadStateDict(state),
    RangeError,
    'Cannot load a state into Sequential: missing "2.bias"; unexpected "3.bias"; "0.bias" has shape [3], expected [2]',
  );
  assertEquals(Object.values(net.stateDict()).map((t) => t.toArray()), before);
});

Deno.test("loadStateDict() without strict loads what both have", () => {
  const net = model();
  const bias = net.stateDict()["2.bias"]!.item();
  const report = net.loadStateDict(
    { "0.bias": tensor([1, 2]), other: zeros([1]) },
    { strict: false },
  );
  assertEquals(report, {
    missingKeys: ["0.weight", "2.weight", "2.bias"],
    unexpectedKeys: ["other"],
  });
  assertEquals(net.stateDict()["0.bias"]!.toArray(), [1, 2]);
  assertEquals(net.stateDict()["2.bias"]!.item(), bias);
  // Shapes must fit all the same.
  assertThrows(
    () => net.loadStateDict({ "0.bias": zeros([1]) }, { strict: false }),
    RangeError,
    "[1], expected [2]",
  );
});

Deno.test("loadStateDict() refuses what is no tensor, or released", () => {
  const net = model();
  const state = net.stateDict();
  const wrong = { ...state, "0.bias": [1, 2] as unknown as Tensor };
  assertThrows(() => net.loadStateDict(wrong), RangeError, "not a tensor");
  const gone = zeros([2]);
  gone.dispose();
  assertThrows(
    () => net.loadStateDict({ ...state, "0.bias": gone }),
    RangeError,
    '"0.bias" was released',
  );
});
