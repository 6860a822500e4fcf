import { noGrad, type Tensor, zeros } from "@fdunn/tensor";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { type FixtureData, fixtureValues } from "../fixture.ts";
import { MemoryWatch, messageOf, testProgram } from "../program.ts";
import {
  assertStored,
  descend,
  gradients,
  input,
  leaves,
  MODIFIED,
  type ProgramCase,
  programCase,
  SECOND_BACKWARD,
} from "./program_case.ts";

interface BpttCase {
  losses: number[];
  hidden: FixtureData;
  final: Record<string, FixtureData>;
}

const PARAMETERS = ["wx", "wh", "b", "wo"];

/** Five steps from the hidden state h: the loss and the next hidden state. */
function unroll(
  entry: ProgramCase,
  window: number,
  h: Tensor,
  [wx, wh, b, wo]: Tensor[],
): [Tensor, Tensor] {
  let loss: Tensor | null = null;
  for (let t = 0; t < 5; t++) {
    const x = input(entry, `x${window}.${t}`);
    const y = input(entry, `y${window}.${t}`);
    h = x.matmul(wx!).add(h.matmul(wh!)).add(b!).tanh();
    const term = h.matmul(wo!).sub(y).square().mean().div(5);
    loss = loss === null ? term : loss.add(term);
  }
  return [loss!, h];
}

testProgram("truncated BPTT with detach()", function* () {
  const entry = programCase<BpttCase>("truncated bptt");
  const p = leaves(entry, PARAMETERS);
  let h = zeros([2, 5]);
  const losses: Tensor[] = [];
  const states: Tensor[] = [];
  const copies: unknown[] = [];
  for (let window = 0; window < 6; window++) {
    h = h.detach();
    states.push(h);
    copies.push(h.toArray());
    const [loss, next] = unroll(entry, window, h, p);
    yield;
    loss.backward();
    losses.push(loss);
    descend(p, 0.2);
    h = next;
  }
  assertNear(
    losses.map((loss) => Number(loss.item())),
    entry.losses,
    1e-5,
    "losses",
  );
  assertNear(h, fixtureValues(entry.hidden), 1e-5, "hidden state");
  assertStored(p, entry.final, 1e-4);
  // What was detached is kept, however many windows ago.
  assertEquals(states.map((state) => state.toArray()), copies);
});

testProgram("truncated BPTT with a forgotten detach() throws", function* () {
  const entry = programCase<BpttCase>("truncated bptt");
  const p = leaves(entry, PARAMETERS);
  const [first, h] = unroll(entry, 0, zeros([2, 5]), p);
  first.backward();
  const before = gradients(p);
  yield;
  // h can be read: its graph was retired, its bytes are there still.
  const [second, next] = unroll(entry, 1, h, p);
  assertStringIncludes(messageOf(() => second.backward()), SECOND_BACKWARD);
  assertEquals(gradients(p), before);
  // The same state, detached now, trains on as if nothing had happened.
  descend(p, 0.2);
  const [third] = unroll(entry, 1, h.detach(), p);
  assertNear([Number(third.item())], [entry.losses[1]!], 1e-5);
  third.backward();
  // h was detached after all, so it stays; what was not goes with the graph.
  const [, hidden] = [next, h.toArray()];
  const [fourth] = unroll(entry, 2, next.detach(), p);
  fourth.backward();
  yield;
  assertEquals(h.toArray(), hidden);
});

Deno.test("a retained window fails after an optimizer's step", () => {
  const entry = programCase<BpttCase>("truncated bptt");
  const p = leaves(entry, PARAMETERS);
  const [first, h] = unroll(entry, 0, zeros([2, 5]), p);
  first.backward(undefined, { retainGraph: true });
  descend(p, 0.2);
  const [second] = unroll(entry, 1, h, p);
  assertStringIncludes(messageOf(() => second.backward()), MODIFIED);
  assertEquals(gradients(p), [null, null, null, null]);
});

Deno.test("retained windows without a step go all the way back", () => {
  const entry = programCase<BpttCase>("truncated bptt");
  const p = leaves(entry, PARAMETERS);
  const [first, h] = unroll(entry, 0, zeros([2, 5]), p);
  const [second] = unroll(entry, 1, h, p);
  first.add(second).backward();
  const together = gradients(p);
  for (const parameter of p) parameter.grad = null;
  const [one, state] = unroll(entry, 0, zeros([2, 5]), p);
  one.backward(undefined, { retainGraph: true });
  const [two] = unroll(entry, 1, state, p);
  two.backward();
  gradients(p).forEach((g, i) => assertNear(g!, together[i]!, 1e-5));
});

testProgram("windows without end need no more memory", function* () {
  const entry = programCase<BpttCase>("truncated bptt");
  const p = leaves(entry, PARAMETERS);
  let h = zeros([2, 5]);
  let watch = new MemoryWatch();
  for (let window = 0; window < 1000; window++) {
    const [loss, next] = unroll(entry, window % 6, h, p);
    loss.backward();
    descend(p, 0.001);
    h = noGrad(() => next.clone());
    if (window === 200) watch = new MemoryWatch();
    if (window % 50 === 0) yield;
  }
  watch.assertWasmGrowth(8 << 20);
});
