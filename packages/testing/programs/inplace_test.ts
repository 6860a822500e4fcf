import { conv2d, crossEntropy, enableGrad, maxPool2d } from "@fdunn/tensor";
import { noGrad, type Tensor, tensor } from "@fdunn/tensor";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { MemoryWatch, messageOf, testProgram } from "../program.ts";
import { descend, gradients, MODIFIED } from "./program_case.ts";

/** A program up to its loss, and the change that comes before backward(). */
interface Change {
  forward(x: Tensor, w: Tensor): [loss: Tensor, victim: Tensor];
  write(victim: Tensor): void;
}

const x0 = () =>
  tensor([[0.5, -1, 2], [1.5, 0.25, -0.75]], { requiresGrad: true });
const w0 = () =>
  tensor([[1, 2, 3], [-1, 0.5, 0.25], [0.5, 1, -2]], { requiresGrad: true });
const labels = () => tensor(Int32Array.of(0, 2));

function through(f: (x: Tensor, w: Tensor) => Tensor): Change["forward"] {
  return (x, w) => {
    const y = f(x, w);
    return [y.sum(), y];
  };
}
const scaled: Change["write"] = (victim) => noGrad(() => victim.mul_(2));

/** What backward needs is changed: it has to notice. */
const noticed: Record<string, Change> = {
  "the output of exp()": { forward: through((x) => x.exp()), write: scaled },
  "the output of sigmoid()": {
    forward: through((x) => x.sigmoid()),
    write: (y) => noGrad(() => y.add_(1)),
  },
  "the output of tanh()": {
    forward: through((x) => x.tanh()),
    write: (y) => noGrad(() => y.zero_()),
  },
  "the output of relu()": {
    forward: through((x) => x.relu()),
    write: (y) => noGrad(() => y.fill_(1)),
  },
  "the output of softmax()": {
    forward: (x) => {
      const y = x.softmax(1);
      return [y.square().sum(), y];
    },
    write: scaled,
  },
  "the output of sqrt()": {
    forward: through((x) => x.square().sqrt()),
    write: scaled,
  },
  "an input of mul()": {
    forward: (x, w) => {
      const h = w.add(0);
      return [x.mul(h.select(0, 1)).sum(), h];
    },
    write: scaled,
  },
  "an input of div()": {
    forward: (x, w) => {
      const h = w.add(0);
      return [x.div(h.select(0, 0)).sum(), h];
    },
    write: scaled,
  },
  "an input of matmul()": {
    forward: (x, w) => {
      const h = x.add(0);
      return [h.matmul(w).sum(), h];
    },
    write: scaled,
  },
  "a weight, by an optimizer's step": {
    forward: (x, w) => [x.matmul(w).tanh().sum(), w],
    write: (w) => {
      w.grad = w.detach().clone();
      descend([w], 0.1);
    },
  },
  "a weight, by copy_()": {
    forward: (x, w) => [x.matmul(w).sum(), w],
    write: (w) => noGrad(() => w.copy_(w.neg())),
  },
  "a batch": {
    forward: (_, w) => {
      const batch = x0().detach();
      return [batch.matmul(w).sum(), batch];
    },
    write: (batch) => batch.mul_(2),
  },
  "a detached alias": {
    forward: (x) => {
      const y = x.exp();
      return [y.sum(), y.detach()];
    },
    write: (alias) => alias.add_(1),
  },
  "a row, through a view": {
    forward: (x) => {
      const y = x.exp();
      return [y.sum(), y];
    },
    write: (y) => noGrad(() => y.select(0, 1).zero_()),
  },
  "the tensor behind an input that is a view": {
    forward: (x, w) => {
      const base = w.add(0);
      return [x.matmul(base.t()).sum(), base];
    },
    write: (base) => noGrad(() => base.slice(1, 0, 3, 2).fill_(9)),
  },
  "the picture of conv2d()": {
    forward: (_, w) => {
      const picture = x0().detach().reshape([1, 1, 2, 3]);
      const kernel = w.slice(0, 0, 1).slice(1, 0, 2).reshape([1, 1, 1, 2]);
      return [conv2d(picture, kernel).sum(), picture];
    },
    write: (picture) => picture.mul_(2),
  },
  "the labels of crossEntropy()": {
    forward: (x) => {
      const y = labels();
      return [crossEntropy(x, y), y];
    },
    write: (y) => y.fill_(1),
  },
  "the indices of indexSelect()": {
    forward: (x) => {
      const index = labels();
      return [x.indexSelect(1, index).sum(), index];
    },
    write: (index) => index.fill_(1),
  },
  "the condition of a maximum, long before its backward": {
    forward: (x, w) => {
      const h = w.select(0, 0).add(0);
      const y = x.maximum(h).exp().add(1).log();
      return [y.mean(), h];
    },
    write: scaled,
  },
};

for (const [name, change] of Object.entries(noticed)) {
  Deno.test(`writing into ${name} before backward() throws`, () => {
    const x = x0();
    const w = w0();
    // A gradient is there already; and after the error, still untouched.
    x.mul(3).sum().backward();
    const [loss, victim] = change.forward(x, w);
    change.write(victim);
    const before = gradients([x, w]);
    assertStringIncludes(messageOf(() => loss.backward()), MODIFIED);
    assertEquals(gradients([x, w]), before);
    // The next step is an ordinary one.
    x.grad = w.grad = null;
    x.mul(w.select(0, 0)).sum().backward();
    assertNear(x.grad!, [0, 1].flatMap(() => [...w.data()].slice(0, 3)));
  });
}

/** What backward does not need may be changed, as in PyTorch. */
const unneeded: Record<string, Change & { grad: "x" | "w"; value: number[] }> =
  {
    "the output of add()": {
      forward: through((x) => x.add(1)),
      write: scaled,
      grad: "x",
      value: [1, 1, 1, 1, 1, 1],
    },
    "an input of sum()": {
      forward: (x) => {
        const h = x.mul(2);
        return [h.sum(), h];
      },
      write: scaled,
      grad: "x",
      value: [2, 2, 2, 2, 2, 2],
    },
    "an input of exp()": {
      forward: (x) => {
        const h = x.mul(0);
        return [h.exp().sum(), h];
      },
      write: (h) => noGrad(() => h.add_(5)),
      grad: "x",
      value: [0, 0, 0, 0, 0, 0],
    },
    "the tensor that a constant multiplied": {
      forward: (x) => {
        const h = x.add(0);
        const constant = tensor([[1, 2, 3], [4, 5, 6]]);
        return [h.mul(constant).sum(), h];
      },
      write: scaled,
      grad: "x",
      value: [1, 2, 3, 4, 5, 6],
    },
    "the weight of a first layer, whose input needs no gradient": {
      forward: (_, w) => {
        const batch = tensor([[1, 2, 3]]);
        return [batch.matmul(w).sum(), w];
      },
      write: (w) => noGrad(() => w.zero_()),
      grad: "w",
      value: [1, 1, 1, 2, 2, 2, 3, 3, 3],
    },
    "a copy of the output": {
      forward: (x) => {
        const y = x.mul(0).exp();
        return [y.sum(), y.detach().clone()];
      },
      write: (copy) => copy.zero_(),
      grad: "x",
      value: [0, 0, 0, 0, 0, 0],
    },
  };

for (const [name, change] of Object.entries(unneeded)) {
  Deno.test(`writing into ${name} before backward() is harmless`, () => {
    const x = x0();
    const w = w0();
    const [loss, victim] = change.forward(x, w);
    change.write(victim);
    loss.backward();
    const { grad } = change.grad === "x" ? x : w;
    assertNear(grad!, change.value);
  });
}

Deno.test("in place on what requires grad is an error outside noGrad", () => {
  const w = w0();
  const y = w.mul(2);
  const values = [w.toArray(), y.toArray()];
  const writes: [string, (t: Tensor) => unknown][] = [
    ["add", (t) => t.add_(1)],
    ["sub", (t) => t.sub_(1)],
    ["mul", (t) => t.mul_(2)],
    ["div", (t) => t.div_(2)],
    ["zeros", (t) => t.zero_()],
    ["full", (t) => t.fill_(3)],
    ["clone", (t) => t.copy_(w0().detach())],
  ];
  for (const [, write] of writes) {
    for (const victim of [w, y, w.t(), y.reshape([9])]) {
      const error = messageOf(() => write(victim));
      assertStringIncludes(error, "requires grad");
    }
  }
  assertStringIncludes(messageOf(() => w.add_(1)), "add(");
  assertStringIncludes(
    messageOf(() => noGrad(() => enableGrad(() => w.add_(1)))),
    "add(",
  );
  assertEquals([w.toArray(), y.toArray()], values);
  // Nor may a plain tensor take in what requires grad: its value would lose it.
  const plain = w.detach().clone();
  assertThrows(() => plain.add_(w), Error, "requires grad");
  noGrad(() => plain.add_(w));
  assertEquals(plain.toArray(), y.toArray());
});

Deno.test("indices of a pooling that ran are its own", () => {
  const x = tensor(new Float32Array([1, 5, 2, 3]), {
    shape: [1, 1, 2, 2],
    requiresGrad: true,
  });
  const h = x.add(0);
  const y = maxPool2d(h, 2);
  noGrad(() => h.zero_()); // only the indices are needed
  y.sum().backward();
  assertEquals(x.grad!.data(), new Float32Array([0, 1, 0, 0]));
});

Deno.test("a double backward notices a change between its passes", () => {
  const x = x0();
  x.mul(x).mul(x).sum().backward(undefined, { createGraph: true });
  const penalty = x.grad!.square().sum();
  x.grad = null;
  noGrad(() => x.mul_(2));
  assertStringIncludes(messageOf(() => penalty.backward()), MODIFIED);
  assertEquals(x.grad, null);
});

testProgram("refused passes without end need no more memory", function* () {
  const w = tensor(new Float32Array(4096).fill(0.5), {
    shape: [64, 64],
    requiresGrad: true,
  });
  const x = tensor(new Float32Array(4096).fill(0.01), { shape: [64, 64] });
  for (let i = 0; i < 3; i++) x.matmul(w).exp().sum().backward();
  const watch = new MemoryWatch();
  for (let i = 0; i < 1000; i++) {
    const y = x.matmul(w).exp();
    const loss = y.sum();
    noGrad(() => y.mul_(2));
    assertThrows(() => loss.backward(), Error, MODIFIED);
    if (i % 50 === 0) yield;
  }
  // A refused graph is not used up: it is garbage within the budget of 64 MB.
  watch.assertWasmGrowth(80 << 20);
});
