import { grad, noGrad, ones, type Tensor, tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

/** y = 2 a + 3 b */
class Mix extends nn.Module {
  forward(a: Tensor, b: Tensor): Tensor {
    return a.mul(2).add(b.mul(3));
  }
}

class Halves extends nn.Module<[Tensor], Tensor[]> {
  forward(x: Tensor): Tensor[] {
    return x.mul(2).split(1);
  }
}

Deno.test("hooks wrap forward, and the last one to go unwraps it", () => {
  const layer = new nn.ReLU();
  assert(!Object.hasOwn(layer, "forward"));
  const first = layer.registerForwardHook(() => {});
  const second = layer.registerForwardPreHook(() => {});
  assert(Object.hasOwn(layer, "forward"));
  assertEquals(Object.keys(layer), ["training"]);
  first();
  assert(Object.hasOwn(layer, "forward"));
  second();
  second();
  assert(!Object.hasOwn(layer, "forward"));
});

Deno.test("hooks give back an own forward", () => {
  class Arrow extends nn.Module {
    override forward = (x: Tensor): Tensor => x.add(1);
  }
  const layer = new Arrow();
  const own = layer.forward;
  const remove = layer.registerForwardHook((_, __, y) => y.mul(10));
  assertEquals(layer.forward(tensor([1])).toArray(), [20]);
  remove();
  assertEquals(layer.forward, own);
});

Deno.test("forward hooks see inputs and output, and replace it in turn", () => {
  const layer = new Mix();
  const seen: unknown[] = [];
  layer.registerForwardHook((module, [a, b], y) => {
    seen.push(module === layer, a!.item(), b!.item(), y.item());
  });
  layer.registerForwardHook((_, __, y) => y.add(100));
  layer.registerForwardHook((_, __, y) => y.mul(2));
  assertEquals(layer.forward(tensor([1]), tensor([2])).item(), 216);
  assertEquals(seen, [true, 1, 2, 8]);
});

Deno.test("forward pre-hooks replace inputs", () => {
  const layer = new Mix();
  layer.registerForwardPreHook((_, [a, b]) => [b!, a!]);
  assertEquals(layer.forward(tensor([1]), tensor([10])).item(), 23);
});

Deno.test("a hook may remove itself", () => {
  const layer = new nn.Identity();
  let calls = 0;
  const remove = layer.registerForwardHook(() => {
    calls++;
    remove();
  });
  layer.registerForwardHook(() => {
    calls += 10;
  });
  layer.forward(tensor([1]));
  layer.forward(tensor([1]));
  assertEquals(calls, 21);
});

Deno.test("full backward hooks see all gradients and replace the inputs'", () => {
  const layer = new Mix();
  const seen: unknown[] = [];
  layer.registerFullBackwardHook((module, gradInput, gradOutput) => {
    seen.push(
      module === layer,
      gradInput.map((g) => g!.toArray()),
      gradOutput.map((g) => g!.toArray()),
    );
    return [gradInput[0]!.mul(10), null];
  });
  const a = tensor([1, 2], { requiresGrad: true });
  const b = tensor([3, 4], { requiresGrad: true });
  layer.forward(a, b).mul(tensor([1, 5])).sum().backward();
  assertEquals(seen, [true, [[2, 10], [3, 15]], [[1, 5]]]);
  assertEquals(a.grad!.toArray(), [20, 100]);
  assertEquals(b.grad!.toArray(), [0, 0]);
});

Deno.test("full backward hooks see only the path through their module", () => {
  const layer = new nn.Identity();
  const seen: unknown[] = [];
  layer.registerFullBackwardHook((_, gradInput) => {
    seen.push(gradInput[0]!.toArray());
  });
  const x = tensor([1, 2], { requiresGrad: true });
  layer.forward(x).sum().add(x.mul(5).sum()).backward();
  assertEquals(seen, [[1, 1]]);
  assertEquals(x.grad!.toArray(), [6, 6]);
});

Deno.test("full backward hooks run when no input requires grad", () => {
  const layer = new nn.Linear(2, 2);
  const seen: unknown[] = [];
  layer.registerFullBackwardHook((_, gradInput, gradOutput) => {
    seen.push(gradInput, gradOutput[0]!.toArray());
  });
  layer.forward(ones([1, 2])).sum().backward();
  assertEquals(seen, [[null], [[1, 1]]]);
  assert(layer.weight.grad !== null);
});

Deno.test("full backward hooks see lists of outputs, null where nothing flows", () => {
  const layer = new Halves();
  const seen: unknown[] = [];
  layer.registerFullBackwardHook((_, gradInput, gradOutput) => {
    seen.push(
      gradInput[0]!.toArray(),
      gradOutput.map((g) => g?.toArray() ?? null),
    );
  });
  const x = tensor([1, 2], { requiresGrad: true });
  const [, right] = layer.forward(x);
  right!.sum().backward();
  assertEquals(seen, [[0, 2], [null, [1]]]);
});

Deno.test("full backward hooks run in every pass over the graph", () => {
  const layer = new Mix();
  let calls = 0;
  layer.registerFullBackwardHook(() => {
    calls++;
  });
  const a = tensor([1], { requiresGrad: true });
  const y = layer.forward(a, ones([1])).square().sum();
  y.backward(null, { retainGraph: true });
  y.backward();
  assertEquals(calls, 2);
  const [g] = grad(layer.forward(a, ones([1])).square().sum(), [a], {
    createGraph: true,
  });
  assertEquals(grad(g!, [a])[0]!.item(), 8);
});

Deno.test("full backward hooks keep quiet under noGrad", () => {
  const layer = new nn.Linear(1, 1);
  layer.registerFullBackwardHook(() => {
    throw new Error("called");
  });
  assertEquals(noGrad(() => layer.forward(ones([1, 1]))).requiresGrad, false);
});

Deno.test("what a full backward hook stores stays valid", () => {
  const layer = new nn.Tanh();
  const w = tensor([0.5], { requiresGrad: true });
  const kept: Tensor[] = [];
  layer.registerFullBackwardHook((_, [g]) => {
    kept.push(g!.mul(2), g!.detach());
  });
  for (let i = 0; i < 5; i++) layer.forward(w.mul(1)).sum().backward();
  const slope = 1 - Math.tanh(0.5) ** 2;
  for (let i = 0; i < 10; i++) {
    const expected = i % 2 === 0 ? 2 * slope : slope;
    assert(Math.abs(kept[i]!.item() - expected) < 1e-6);
  }
});

Deno.test("a full backward hook must return as many gradients as inputs", () => {
  const layer = new Mix();
  layer.registerFullBackwardHook(() => []);
  const a = tensor([1], { requiresGrad: true });
  const y = layer.forward(a, a);
  assertThrows(
    () => y.sum().backward(),
    RangeError,
    "0 gradients for 2 inputs",
  );
});

Deno.test("a hook must be a function", () => {
  const layer = new nn.ReLU();
  assertThrows(
    () => layer.registerForwardHook(3 as unknown as () => void),
    TypeError,
    "number",
  );
  assert(!Object.hasOwn(layer, "forward"));
});
