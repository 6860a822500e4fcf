import { type Tensor, tensor } from "@fdunn/tensor";
import { detectAnomaly, setDetectAnomaly } from "@fdunn/tensor/anomaly";
import * as nn from "@fdunn/nn";
import { assert, assertEquals } from "@std/assert";

function messageOf(f: () => unknown): string {
  try {
    detectAnomaly(f);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("Expected an anomaly, but nothing was thrown");
}

class Logarithm extends nn.Module<[Tensor]> {
  forward(x: Tensor): Tensor {
    return x.log();
  }
}

class Net extends nn.Module<[Tensor]> {
  first = new nn.Linear(2, 2);
  blocks = new nn.Sequential(new nn.ReLU(), new Logarithm());
  forward(x: Tensor): Tensor {
    return this.blocks.forward(this.first.forward(x));
  }
}

const zero = (model: Net) => {
  model.first.weight.detach().fill_(0);
  model.first.bias!.detach().fill_(0);
  return model;
};

Deno.test("detectAnomaly() names the module by its path, and the user's line", () => {
  const model = zero(new Net());
  const message = messageOf(() => model.forward(tensor([[1, 2]])));
  assert(
    message.startsWith("log() gave -Infinity at [0, 0] of its result [1, 2]"),
    message,
  );
  assert(
    message.includes("It ran in Net.blocks.1 (Logarithm), called at "),
    message,
  );
  assert(/module_trace_test\.ts:\d+:\d+$/.test(message), message);
});

Deno.test("a backward's anomaly names the module of the forward pass", () => {
  class Root extends nn.Module<[Tensor]> {
    layers = new nn.ModuleList([new nn.Linear(1, 1), new nn.Linear(1, 1)]);
    forward(x: Tensor): Tensor {
      for (const layer of this.layers) x = layer.forward(x);
      return x.sqrt();
    }
  }
  const model = new Root();
  for (const p of model.parameters()) p.detach().fill_(0);
  const message = messageOf(() =>
    model.forward(tensor([[1]])).sum().backward()
  );
  assert(message.includes("The backward of sqrt() gave Infinity"), message);
  assert(message.includes("sqrt() ran in Root, called at"), message);

  const inner = new nn.Linear(1, 1);
  inner.weight.detach().fill_(1e30);
  const huge = messageOf(() =>
    new nn.Sequential(new nn.Identity(), inner).forward(tensor([[1e30]]))
  );
  assert(huge.includes("linear() gave Infinity"), huge);
  assert(huge.includes("It ran in Sequential.1 (Linear), called at"), huge);
});

Deno.test("modules with hooks, made before or inside, have paths, too", () => {
  const model = zero(new Net());
  let calls = 0;
  const remove = model.blocks[1]!.registerForwardHook(() => void calls++);
  const path = "Net.blocks.1 (Logarithm)";
  const run = (net: Net) => () => net.forward(tensor([[1, 2]]));
  assert(messageOf(run(model)).includes(path));
  remove();
  assert(messageOf(run(model)).includes(path));
  const inside = messageOf(() => {
    class Late extends Logarithm {
      override forward(x: Tensor): Tensor {
        return super.forward(x).add(1);
      }
    }
    return new nn.Sequential(new Late()).forward(tensor([0]));
  });
  assert(inside.includes("Sequential.0 (Late)"), inside);
  assertEquals(calls, 0);
});

Deno.test("nothing of it is left when anomalies are not detected", () => {
  const before = [Net, nn.Linear, nn.Sequential].map((c) =>
    c.prototype.forward
  );
  const model = zero(new Net());
  setDetectAnomaly(true);
  assert(nn.Linear.prototype.forward !== before[1]);
  setDetectAnomaly(false);
  const after = [Net, nn.Linear, nn.Sequential].map((c) => c.prototype.forward);
  assertEquals(after, before);
  assertEquals(model.forward(tensor([[1, 2]])).toArray(), [
    [-Infinity, -Infinity],
  ]);
});

Deno.test("detectAnomaly() raises no false alarm in a masked Transformer or an LSTM", () => {
  const small = { dimFeedforward: 8, batchFirst: true };
  const model = new nn.Transformer({
    ...{ dModel: 4, nhead: 2, numEncoderLayers: 1, numDecoderLayers: 1 },
    ...small,
  });
  const words = new nn.Embedding(5, 4, { paddingIdx: 0 });
  const lstm = new nn.LSTM(4, 3, { bidirectional: true });
  const indices = tensor([[1, 2, 0], [3, 4, 2]], { dtype: "int32" });
  detectAnomaly(() => {
    const x = words.forward(indices);
    const pad = indices.eq(0);
    const y = model.forward(x, x, {
      srcKeyPaddingMask: pad,
      memoryKeyPaddingMask: pad,
      tgtMask: nn.Transformer.generateSquareSubsequentMask(3),
    });
    const [states] = lstm.forward(y);
    const blind = tensor([[1, 0], [0, 0]]).to("bool");
    const q = states.narrow(1, 0, 2);
    nn.scaledDotProductAttention(q, q, q, { attnMask: blind })
      .square().sum().backward();
  });
  assert(words.weight.grad!.abs().sum().item() > 0);
});
