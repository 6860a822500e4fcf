import { crossEntropy, noGrad, type Tensor, tensor } from "@fdunn/tensor";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import type { FixtureData } from "../fixture.ts";
import { messageOf, testProgram } from "../program.ts";
import {
  assertStored,
  descend,
  gradients,
  input,
  leaves,
  MODIFIED,
  programCase,
} from "./program_case.ts";

interface DistillationCase {
  losses: number[];
  teacher: Record<string, FixtureData>;
}

const STUDENT = ["w1", "b1", "w2", "b2"];

/** tanh(x p0 + p1) p2 + p3 */
function net(x: Tensor, p: Tensor[]): Tensor {
  return x.matmul(p[0]!).add(p[1]!).tanh().matmul(p[2]!).add(p[3]!);
}

/** t = 0.9 t + 0.1 s, in place. */
function follow(teacher: Tensor[], student: Tensor[]): void {
  noGrad(() =>
    teacher.forEach((t, i) => t.mul_(0.9).add_(student[i]!.mul(0.1)))
  );
}

function labels(step: number): Tensor {
  return tensor(Int32Array.from({ length: 5 }, (_, i) => (step + i) % 4));
}

testProgram("distillation with an EMA teacher", function* () {
  const entry = programCase<DistillationCase>(
    "distillation with an ema teacher",
  );
  const student = leaves(entry, STUDENT);
  const teacher = student.map((s) => s.detach().clone());
  const losses: Tensor[] = [];
  const answers: Tensor[] = [];
  const copies: unknown[] = [];
  for (let step = 0; step < 6; step++) {
    const x = input(entry, `x${step}`);
    const noise = input(entry, `noise${step}`);
    const soft = noGrad(() => net(x.add(noise), teacher).div(2).softmax(1));
    answers.push(soft);
    copies.push(soft.toArray());
    yield;
    const logits = net(x, student);
    const hard = crossEntropy(logits, labels(step));
    const match = soft.mul(logits.div(2).logSoftmax(1)).sum(1).mean().mul(4);
    const loss = hard.sub(match);
    loss.backward();
    losses.push(loss);
    descend(student, 0.1);
    follow(teacher, student);
    yield;
  }
  const numbers = losses.map((loss) => Number(loss.item()));
  assertNear(numbers, entry.losses, 1e-5, "losses");
  assertStored(teacher, entry.teacher);
  assertEquals(teacher.map((t) => t.grad), [null, null, null, null]);
  assertEquals(answers.map((soft) => soft.toArray()), copies);
});

Deno.test("a teacher that moves between forward and backward throws", () => {
  const entry = programCase<DistillationCase>(
    "distillation with an ema teacher",
  );
  const student = leaves(entry, STUDENT);
  const teacher = student.map((s) => s.detach().clone());
  // The teacher's weights are saved: the picture's gradient needs them.
  const x = input(entry, "x0").requiresGrad_();
  const loss = net(x, teacher).sub(net(x, student)).square().mean();
  follow(teacher, student);
  assertStringIncludes(messageOf(() => loss.backward()), MODIFIED);
  assertEquals(gradients([x, ...student]), [null, null, null, null, null]);
});

Deno.test("a teacher that shares the student's bytes moves with it", () => {
  const entry = programCase<DistillationCase>(
    "distillation with an ema teacher",
  );
  const student = leaves(entry, STUDENT);
  const teacher = student.map((s) => s.detach()); // the clone forgotten
  net(input(entry, "x0"), student).square().mean().backward();
  descend(student, 0.1);
  student.forEach((s, i) => assertEquals(teacher[i]!.toArray(), s.toArray()));
  noGrad(() => teacher[0]!.fill_(7));
  assertEquals(student[0]!.data()[0], 7);
});
