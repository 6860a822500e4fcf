import { assert, assertEquals } from "@std/assert";
import {
  binaryCrossEntropyWithLogits,
  crossEntropy,
  listenToWarnings,
  nllLoss,
  ones,
  setWarnings,
  type Tensor,
  zeros,
} from "./mod.ts";

/** What `f` says on the console. */
function warningsOf(f: () => void): string[] {
  const { warn } = console;
  const said: string[] = [];
  console.warn = (message: string) => said.push(message);
  setWarnings(true);
  try {
    f();
  } finally {
    console.warn = warn;
    setWarnings(true);
  }
  return said;
}

const labels = zeros([2], { dtype: "int32" });
const logits = () => ones([2, 3], { requiresGrad: true }).mul(2);

Deno.test("softmax before cross entropy is warned of once, with the line", () => {
  const said = warningsOf(() => {
    for (let i = 0; i < 3; i++) crossEntropy(logits().softmax(1), labels);
  });
  assertEquals(said.length, 1);
  const [message, place] = said[0]!.split("\n");
  assert(message!.startsWith("crossEntropy() got the output of softmax()"));
  assert(message!.endsWith("Remove softmax() and pass what it was given"));
  assert(/at .*warning_test\.ts:\d+:\d+$/.test(place!), place);
});

Deno.test("every loss warns of what was already applied", () => {
  const target = ones([2, 3]);
  const cases: [() => Tensor, string][] = [
    [() => crossEntropy(logits().logSoftmax(1), labels), "logSoftmax()"],
    [() => crossEntropy(logits().softmax(1), target), "softmax()"],
    [() => nllLoss(logits().softmax(1), labels), "softmax()"],
    [
      () => binaryCrossEntropyWithLogits(logits().sigmoid(), target),
      "sigmoid()",
    ],
  ];
  for (const [loss, name] of cases) {
    const said = warningsOf(loss);
    assertEquals(said.length, 1, name);
    assert(said[0]!.includes(`got the output of ${name}`), said[0]);
  }
});

Deno.test("what is right is not warned of, nor anything when off", () => {
  const right = warningsOf(() => {
    crossEntropy(logits(), labels);
    nllLoss(logits().logSoftmax(1), labels);
    binaryCrossEntropyWithLogits(logits(), ones([2, 3]));
  });
  assertEquals(right, []);
  const off = warningsOf(() => {
    setWarnings(false);
    crossEntropy(logits().softmax(1), labels);
  });
  assertEquals(off, []);
});

Deno.test("a listener gets warnings in the console's place, once each", () => {
  const first: string[] = [];
  const second: string[] = [];
  const wrong = () => void crossEntropy(logits().softmax(1), labels);
  const onConsole = warningsOf(() => {
    wrong();
    const stop = listenToWarnings((message) => first.push(message));
    const stopOther = listenToWarnings((message) => second.push(message));
    wrong();
    wrong();
    stop();
    stopOther();
    wrong();
  });
  assertEquals([onConsole.length, first.length, second.length], [1, 1, 1]);
  assert(first[0]!.includes("output of softmax()"), first[0]);
  assert(/at .*warning_test\.ts:\d+:\d+$/.test(first[0]!), first[0]);
});
