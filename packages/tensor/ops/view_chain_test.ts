/** Views of views of views, against a list of positions moved by hand. */

import { assertEquals } from "@std/assert";
import { arange, type Tensor, tensor } from "../mod.ts";
import { count, floats, numbers } from "../samples_test.ts";

/** A view by hand: its shape, and which elements of the source it shows. */
interface Model {
  shape: number[];
  at: number[];
}

/** The elements at coordinates of `from` that `place` gives for a result's. */
function move(
  from: Model,
  shape: number[],
  place: (at: number[]) => number[],
): Model {
  const at = Array.from({ length: count(shape) }, (_, i) => {
    const own: number[] = [];
    for (let axis = shape.length - 1, rest = i; axis >= 0; axis--) {
      own.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    const flat = place(own).reduce(
      (p, c, axis) => p * from.shape[axis]! + c,
      0,
    );
    return from.at[flat]!;
  });
  return { shape, at };
}

type Step = (
  x: Tensor,
  m: Model,
  pick: (n: number) => number,
) => [Tensor, Model];

const STEPS: Record<string, Step> = {
  permute: (x, m, pick) => {
    const order = m.shape.map((_, i) => i);
    for (let i = order.length - 1; i > 0; i--) {
      const j = pick(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    const shape = order.map((i) => m.shape[i]!);
    const place = (at: number[]) =>
      order.map((_, axis) => at[order.indexOf(axis)]!);
    return [x.permute(order), move(m, shape, place)];
  },
  slice: (x, m, pick) => {
    if (m.shape.length === 0) return [x, m];
    const dim = pick(m.shape.length);
    const [start, step] = [pick(m.shape[dim]! + 1), 1 + pick(3)];
    const length = Math.ceil((m.shape[dim]! - start) / step);
    const shape = m.shape.map((n, i) => i === dim ? length : n);
    const place = (at: number[]) =>
      at.map((c, i) => i === dim ? start + c * step : c);
    return [x.slice(dim, start, Infinity, step), move(m, shape, place)];
  },
  select: (x, m, pick) => {
    const dim = pick(m.shape.length);
    if (m.shape.length === 0 || m.shape[dim] === 0) return [x, m];
    const index = pick(m.shape[dim]!);
    const shape = m.shape.filter((_, i) => i !== dim);
    const place = (
      at: number[],
    ) => [...at.slice(0, dim), index, ...at.slice(dim)];
    return [x.select(dim, index), move(m, shape, place)];
  },
  unsqueeze: (x, m, pick) => {
    const dim = pick(m.shape.length + 1);
    const shape = [...m.shape.slice(0, dim), 1, ...m.shape.slice(dim)];
    return [x.unsqueeze(dim), { shape, at: m.at }];
  },
  expand: (x, m, pick) => {
    const shape = m.shape.map((n) => n === 1 ? 1 + pick(3) : n);
    const place = (at: number[]) => at.map((c, i) => m.shape[i] === 1 ? 0 : c);
    return [x.expand(shape), move(m, shape, place)];
  },
  reshape: (x, m, pick) => {
    // Cut or join axes, so that both views and copies come up.
    const shape: number[] = [];
    let rest = m.at.length;
    while (rest > 1 && shape.length < 4) {
      const divisors = Array.from({ length: rest }, (_, i) => i + 1)
        .filter((d) => rest % d === 0);
      const size = divisors[pick(divisors.length)]!;
      shape.push(size);
      rest /= size;
    }
    if (m.at.length === 0) shape.push(0);
    else shape.push(rest);
    return [x.reshape(shape), { shape, at: m.at }];
  },
  flatten: (x, m) => [x.flatten(), { shape: [m.at.length], at: m.at }],
  squeeze: (x, m) => [
    x.squeeze(),
    { shape: m.shape.filter((n) => n !== 1), at: m.at },
  ],
};

/** A tensor seen through up to seven random views. */
function chain(seed: number, source: Tensor): [Tensor, Model, string] {
  const draws = numbers(400, seed, 0, 1);
  const pick = (n: number) => Math.floor((draws.pop() ?? 0) * n);
  const shape = [...source.shape];
  let x = source;
  let m: Model = {
    shape,
    at: Array.from({ length: count(shape) }, (_, i) => i),
  };
  const names = Object.keys(STEPS);
  const told: string[] = [];
  for (let i = 0; i < 7 && m.at.length < 500; i++) {
    const name = names[pick(names.length)]!;
    [x, m] = STEPS[name]!(x, m, pick);
    told.push(`${name} [${m.shape}]`);
  }
  return [x, m, `seed ${seed}: ${told.join(", ")}`];
}

Deno.test("random chains of views show the right elements", () => {
  for (let seed = 1; seed <= 1500; seed++) {
    const source = arange(120).reshape([2, 3, 4, 5]);
    const [x, m, told] = chain(seed, source);
    assertEquals(x.shape, m.shape, told);
    assertEquals(floats(x), m.at, told);
    // Kernels see the same through strides as a copy does.
    assertEquals(floats(x.add(x)), m.at.map((v) => 2 * v), told);
    assertEquals(x.sum().item(), m.at.reduce((a, b) => a + b, 0), told);
    if (m.shape.length > 0 && m.shape.at(-1)! > 0) {
      assertEquals(floats(x.amax(-1)), floats(x.clone().amax(-1)), told);
    }
  }
});

Deno.test("random chains of views send each gradient back where it came from", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const leaf = arange(120).reshape([2, 3, 4, 5]).detach().requiresGrad_();
    const [x, m, told] = chain(seed, leaf);
    if (x === leaf) continue;
    const g = m.at.map((_, i) => i % 7 - 3);
    const expected = new Array<number>(120).fill(0);
    m.at.forEach((at, i) => expected[at]! += g[i]!);
    x.backward(tensor(g, { shape: x.shape }));
    assertEquals(floats(leaf.grad!).map((v) => v + 0), expected, told);
  }
});
