import { noGrad, scope, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { assert, assertEquals } from "@std/assert";
import { type Program, testProgram } from "../program.ts";

const SIZE = 4;

/** What all handles of one storage show. */
interface Cell {
  values: number[];
}

/** A tensor that the program keeps, and what it has to show. */
interface Handle {
  tensor: Tensor;
  cell: Cell;
  /** Once it has thrown, it has to throw for ever. */
  gone: boolean;
}

/** Numbers below n, the same for the same seed. */
function generator(seed: number): (n: number) => number {
  let state = seed * 2654435761 >>> 0;
  return (n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor(state / 2 ** 32 * n);
  };
}

/** What a program may not do any more says so in one of these ways. */
const EXPECTED =
  /released by a later backward|second time|modified by an inplace|disposed of|require grad|elements share bytes/;

/**
 * A program of random actions on a few parameters: arithmetic, views,
 * backward passes of every kind, writing in place, keeping and disposing.
 * After each action handles are compared with what they have to show: they may
 * say that their bytes are gone, and never show anything else.
 */
class Play {
  readonly #random: (n: number) => number;
  readonly #parameters: Handle[] = [];
  readonly #handles: Handle[] = [];
  /** All handles here see their storage whole, so that one cell is enough. */
  readonly #cells: WeakMap<object, Cell> = new WeakMap();
  /** How often what happened, to see that the program is not trivial. */
  readonly done: Record<string, number> = {};

  constructor(seed: number) {
    this.#random = generator(seed);
    for (let i = 0; i < 3; i++) {
      const values = Array.from(
        { length: SIZE },
        () => (this.#random(17) - 8) / 8,
      );
      const parameter = tensor(values, { requiresGrad: true });
      this.#parameters.push(this.#keep(parameter, values));
    }
  }

  /** One action, and a look at what is kept. */
  step(): void {
    const actions: [string, () => void][] = [
      ...new Array<[string, () => void]>(6).fill(["op", () => this.#op()]),
      ["view", () => this.#view()],
      ["backward", () => this.#backward()],
      ["backward", () => this.#backward()],
      ["write", () => this.#write()],
      ["descend", () => this.#descend()],
      ["gradient", () => this.#gradient()],
      ["zero", () => this.#zero()],
      ["hook", () => this.#hook()],
      ["dispose", () => this.#dispose()],
      ["churn", () => this.#churn()],
    ];
    const [name, action] = this.#pick(actions);
    try {
      action();
      this.done[name] = (this.done[name] ?? 0) + 1;
    } catch (error) {
      const message = String(error);
      if (!EXPECTED.test(message)) throw error;
      this.done[`${name} refused`] = (this.done[`${name} refused`] ?? 0) + 1;
    }
    for (let i = 0; i < 4; i++) this.#check(this.#pick(this.#handles));
    while (this.#handles.length > 60) this.#handles.splice(3, 1);
  }

  /** Looks at everything. */
  finish(): void {
    for (const handle of this.#handles) this.#check(handle);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random(list.length)]!;
  }

  #keep(tensor: Tensor, values: number[]): Handle {
    const { storage } = tensor.array;
    const cell = this.#cells.get(storage) ?? { values };
    this.#cells.set(storage, cell);
    const handle = { tensor, cell, gone: false };
    this.#handles.push(handle);
    return handle;
  }

  #check(handle: Handle): void {
    let now: number[];
    try {
      now = Array.from(handle.tensor.data(), Number);
    } catch (error) {
      assert(EXPECTED.test(String(error)), String(error));
      assert(!this.#parameters.includes(handle), "A parameter is gone");
      handle.gone = true;
      return;
    }
    assert(!handle.gone, "A handle came back after it was gone");
    assertEquals(now, handle.cell.values);
  }

  /** Arithmetic, with the result checked against what the inputs showed. */
  #op(): void {
    const [a, b] = [this.#pick(this.#handles), this.#pick(this.#handles)];
    const binary = this.#random(2) === 0;
    const [f, g]: [(x: Tensor, y: Tensor) => Tensor, typeof Math.atan2] = this
      .#pick(
        binary
          ? [
            [(x, y) => x.add(y), (x, y) => x + y],
            [(x, y) => x.mul(y), (x, y) => x * y],
            [(x, y) => x.sub(y).tanh(), (x, y) => Math.tanh(x - y)],
          ]
          : [
            [(x) => x.tanh(), (x) => Math.tanh(x)],
            [(x) => x.sigmoid(), (x) => 1 / (1 + Math.exp(-x))],
            [(x) => x.mul(0.5), (x) => x * 0.5],
            [(x) => x.relu(), (x) => Math.max(x, 0)],
            [(x) => x.square().tanh(), (x) => Math.tanh(x * x)],
          ],
      );
    const run = () => f(a.tensor, b.tensor);
    const result = this.#pick([
      run,
      run,
      () => noGrad(run),
      () => scope(run),
    ])();
    const values = Array.from(result.data(), Number);
    a.cell.values.forEach((x, i) => {
      const expected = g(x, b.cell.values[i]!);
      const off = Math.abs(values[i]! - expected);
      assert(off <= 1e-5 * Math.max(1, Math.abs(expected)), `off by ${off}`);
    });
    this.#keep(result, values);
  }

  /** Another handle of the same bytes. */
  #view(): void {
    const { tensor, cell } = this.#pick(this.#handles);
    const view = this.#pick<(x: Tensor) => Tensor>([
      (x) => x.detach(),
      (x) => x.reshape([2, 2]).reshape([SIZE]),
      (x) => noGrad(() => x.reshape([2, 2])).reshape([SIZE]),
      (x) => x.contiguous(),
      (x) => x.slice(0, 0, SIZE),
    ]);
    this.#keep(view(tensor), cell.values);
  }

  #backward(): void {
    const { tensor } = this.#pick(this.#handles);
    const options = this.#pick([
      {},
      {},
      {},
      { retainGraph: true },
      { createGraph: true },
    ]);
    // Looking at gradients keeps them from being reused: not every time.
    const before = this.#random(2) === 0 ? this.#gradients() : null;
    try {
      tensor.sum().backward(undefined, options);
    } catch (error) {
      // Refused before any gradient was touched.
      if (before !== null) assertEquals(this.#gradients(), before);
      throw error;
    }
  }

  /** Values of the gradients; a look that only the test takes. */
  #gradients(): (number[] | null)[] {
    return this.#parameters.map(({ tensor }) =>
      tensor.grad === null ? null : Array.from(tensor.grad.data(), Number)
    );
  }

  /** Writes into bytes that any number of handles see. */
  #write(): void {
    const { tensor, cell } = this.#pick(this.#handles);
    noGrad(() => this.#pick([() => tensor.mul_(0.5), () => tensor.zero_()])());
    cell.values = Array.from(tensor.data(), Number);
  }

  #descend(): void {
    for (const { tensor, cell } of this.#parameters) {
      if (tensor.grad === null) continue;
      noGrad(() => tensor.sub_(tensor.grad!.clamp(-1, 1).mul(0.01)));
      cell.values = Array.from(tensor.data(), Number);
    }
  }

  /** Keeps a gradient, which nothing may write into from now on. */
  #gradient(): void {
    const { grad } = this.#pick(this.#parameters).tensor;
    if (grad === null) return;
    this.#keep(grad, Array.from(grad.data(), Number));
  }

  #zero(): void {
    for (const { tensor } of this.#parameters) tensor.grad = null;
  }

  /** Keeps whatever gradients will arrive, detached or not. */
  #hook(): void {
    const { tensor } = this.#pick(this.#handles);
    const detaches = this.#random(2) === 0;
    const remove = tensor.registerHook((g) => {
      const values = Array.from(g.data(), Number);
      this.#keep(detaches ? g.detach() : g, values);
      remove();
    });
  }

  #dispose(): void {
    const handle = this.#pick(this.#handles);
    // contiguous() of a parameter is the parameter.
    if (this.#parameters.some((p) => p.tensor === handle.tensor)) return;
    handle.tensor.dispose();
    handle.gone = true; // its bytes may live on in other handles
  }

  /** Overwrites free memory, and pushes what is old out of it. */
  #churn(): void {
    for (let i = 0; i < 20; i++) zeros([SIZE]).add(NaN);
    for (let i = 0; i < 4; i++) zeros([1 << 18]);
  }
}

testProgram("random programs never see bytes of others", function* (): Program {
  const done: Record<string, number> = {};
  for (let seed = 1; seed <= 40; seed++) {
    const play = new Play(seed);
    try {
      for (let step = 0; step < 300; step++) play.step();
      play.finish();
    } catch (error) {
      throw new Error(`Seed ${seed} fails`, { cause: error });
    }
    for (const [name, n] of Object.entries(play.done)) {
      done[name] = (done[name] ?? 0) + n;
    }
    yield;
  }
  // All actions were taken, and refused only where that is possible.
  for (const name of ["op", "view", "backward", "write", "descend", "hook"]) {
    assert((done[name] ?? 0) > 100, `${name}: ${done[name]}`);
  }
});
