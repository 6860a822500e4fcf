import {
  enableGrad,
  grad,
  isGradEnabled,
  memoryStats,
  noGrad,
} from "@fdunn/tensor";
import { scope, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { allocate, apply, type Op } from "@fdunn/tensor/op";
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { macrotask, MemoryWatch, messageOf, testProgram } from "../program.ts";
import { descend, gradients, SECOND_BACKWARD } from "./program_case.ts";

/** The identity, whose backward allocates a lot and then fails. */
const FRAGILE: Op = {
  name: "fragile",
  saves: "none",
  forward: (_, x) => x,
  backward: (_, g) => {
    g.mul(2).exp();
    throw new Error("the backward of fragile() failed");
  },
};

/** An op whose forward fails after it has allocated its result. */
const BROKEN: Op = {
  name: "broken",
  saves: "none",
  forward: (_, x) => {
    allocate(x.shape, x.dtype);
    throw new Error("the forward of broken() failed");
  },
  backward: null,
};

const weight = () =>
  tensor(new Float32Array(4096).fill(0.01), {
    shape: [64, 64],
    requiresGrad: true,
  });
const batch = () => zeros([64, 64]).add(0.5);

/** A step that works, to be run after one that did not. */
function assertTrains(w: Tensor): void {
  w.grad = null;
  w.mul(2).sum().backward();
  assertEquals(w.grad!.data()[0], 2);
  w.grad = null;
  assert(isGradEnabled());
}

testProgram("exceptions in forward leave garbage only", function* () {
  const w = weight();
  const x = batch();
  for (let i = 0; i < 50; i++) x.matmul(w).exp().sum().backward();
  const watch = new MemoryWatch();
  for (let i = 0; i < 2000; i++) {
    const h = x.matmul(w).exp();
    if (i % 3 === 0) assertThrows(() => h.matmul(zeros([3, 3])), RangeError);
    if (i % 3 === 1) assertThrows(() => apply(BROKEN, [h], undefined));
    if (i % 3 === 2) assertThrows(() => h.reshape([5, 5]), RangeError);
    if (i % 100 === 0) yield;
  }
  assertTrains(w);
  // 64 MB in 80, whatever was thrown where: two thousand times 32 KB.
  watch.assertWasmGrowth(80 << 20);
});

Deno.test("a forward that fails frees what it had allocated", () => {
  const x = zeros([1 << 20]);
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 20; i++) {
    assertThrows(() => apply(BROKEN, [x], undefined), Error, "broken");
  }
  assert(memoryStats().liveBytes - before < 5 << 20);
});

testProgram("an exception in backward uses the graph up", function* () {
  const w = weight();
  const b = tensor(new Float32Array(64), { requiresGrad: true });
  w.mul(5).sum().backward();
  const before = gradients([w, b]);
  const x = batch();
  const loss = apply(FRAGILE, [x.matmul(w)], undefined).add(b).exp().mean();
  assertThrows(() => loss.backward(), Error, "fragile");
  yield;
  assertEquals(gradients([w, b]), before);
  assertStringIncludes(messageOf(() => loss.backward()), SECOND_BACKWARD);
  assertEquals(gradients([w, b]), before);
  assertTrains(w);
});

testProgram("exceptions in backward free their scratch", function* () {
  const w = weight();
  const x = batch();
  const step = () => {
    const h = apply(FRAGILE, [x.matmul(w).tanh()], undefined);
    assertThrows(() => h.exp().square().sum().backward(), Error, "fragile");
  };
  for (let i = 0; i < 10; i++) step();
  const { liveBytes } = memoryStats();
  const watch = new MemoryWatch();
  for (let i = 0; i < 1000; i++) {
    step();
    if (i % 50 === 0) yield;
  }
  watch.assertWasmGrowth(0);
  assert(memoryStats().liveBytes <= liveBytes + (1 << 20));
  assertTrains(w);
});

Deno.test("an exception in a hook ends the pass and nothing else", () => {
  const w = weight();
  const h = w.mul(2);
  const hook = h.registerHook(() => {
    throw new Error("the hook failed");
  });
  const loss = h.exp().sum();
  assertThrows(() => loss.backward(), Error, "the hook failed");
  assertEquals(w.grad, null);
  hook();
  assertStringIncludes(messageOf(() => loss.backward()), SECOND_BACKWARD);
  const leafHook = w.registerHook(() => {
    throw new Error("the leaf's hook failed");
  });
  assertThrows(() => w.mul(2).sum().backward(), Error, "the leaf's hook");
  leafHook();
  assertTrains(w);
});

Deno.test("an exception in a backward with createGraph or retainGraph", () => {
  const w = weight();
  for (const options of [{ createGraph: true }, { retainGraph: true }]) {
    const loss = apply(FRAGILE, [w.mul(2)], undefined).exp().sum();
    assertThrows(() => loss.backward(undefined, options), Error, "fragile");
    assertThrows(
      () => loss.backward(undefined, options),
      Error,
      SECOND_BACKWARD,
    );
    const again = apply(FRAGILE, [w.mul(2)], undefined).exp().sum();
    assertThrows(() => grad(again, [w], options), Error, "fragile");
    assertTrains(w);
  }
});

Deno.test("an exception in the backward inside a hook passes through", () => {
  const w = weight();
  const h = w.mul(2);
  h.registerHook(() => {
    enableGrad(() => apply(FRAGILE, [w.mul(3)], undefined).sum().backward());
  });
  assertThrows(() => h.sum().backward(), Error, "fragile");
  assertEquals(w.grad, null);
  assertTrains(w);
});

Deno.test("an exception restores the modes around it", () => {
  const w = weight();
  const fail = (): never => {
    throw new Error("on purpose");
  };
  assertThrows(() => noGrad(() => fail()), Error, "on purpose");
  assertTrains(w);
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 100; i++) {
    assertThrows(
      () =>
        scope(() => {
          noGrad(() => w.exp().square());
          return fail();
        }),
      Error,
      "on purpose",
    );
  }
  assert(memoryStats().liveBytes - before < 64 << 10);
  assertTrains(w);
});

Deno.test("a promise in noGrad() or scope() is refused", async () => {
  const w = weight();
  const wait = async () => {
    await macrotask();
    return w.mul(2).requiresGrad;
  };
  assertThrows(() => noGrad(wait), TypeError, "promise");
  assertThrows(() => scope(wait), TypeError, "promise");
  assertTrains(w);
  await macrotask();
  assertTrains(w);
  // An async function around synchronous regions is what to write instead.
  await assertRejects(
    async () => {
      await macrotask();
      noGrad(() => w.mul(2));
      throw new Error("and it may fail");
    },
    Error,
    "may fail",
  );
  assertTrains(w);
});

testProgram("a training that fails now and then goes on", function* () {
  const w = tensor([4], { requiresGrad: true });
  for (let step = 0; step < 300; step++) {
    const h = w.sub(1);
    const y = step % 7 === 3 ? apply(FRAGILE, [h], undefined) : h;
    const loss = y.square().sum();
    try {
      loss.backward();
      descend([w], 0.1);
    } catch (error) {
      assertStringIncludes(String(error), "fragile");
      assertEquals(w.grad, null);
    }
    if (step % 20 === 0) yield;
  }
  assert(Math.abs(Number(w.item()) - 1) < 1e-5);
});
