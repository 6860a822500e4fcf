/**
 * The optimizers against naive float64 loops written from the formulas, over
 * random gradients, in both dtypes.
 */

import {
  type DType,
  Generator,
  randn,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import {
  Adam,
  type AdamOptions,
  AdamW,
  type Optimizer,
  RMSprop,
  type RMSpropOptions,
  SGD,
  type SGDOptions,
} from "@fdunn/optim";
import { assertClose } from "@fdunn/testing";

/** Updates `p` in place by the gradient `g` of step `t`, from 1 on. */
type Rule = (p: number[], g: number[], t: number) => void;

function sgd(options: Partial<SGDOptions>): Rule {
  const { lr = 0.001, momentum = 0, dampening = 0, weightDecay = 0 } = options;
  const buffer: number[] = [];
  return (p, g, t) => {
    for (let i = 0; i < p.length; i++) {
      let d = (options.maximize ? -g[i]! : g[i]!) + weightDecay * p[i]!;
      if (momentum !== 0) {
        buffer[i] = t === 1 ? d : momentum * buffer[i]! + (1 - dampening) * d;
        d = options.nesterov ? d + momentum * buffer[i]! : buffer[i]!;
      }
      p[i]! -= lr * d;
    }
  };
}

function adam(options: Partial<AdamOptions>, decoupled: boolean): Rule {
  const { lr = 0.001, betas = [0.9, 0.999], eps = 1e-8 } = options;
  const weightDecay = options.weightDecay ?? (decoupled ? 0.01 : 0);
  const m: number[] = [];
  const v: number[] = [];
  const largest: number[] = [];
  return (p, g, t) => {
    for (let i = 0; i < p.length; i++) {
      let d = options.maximize ? -g[i]! : g[i]!;
      if (decoupled) p[i]! *= 1 - lr * weightDecay;
      else d += weightDecay * p[i]!;
      m[i] = betas[0] * (m[i] ?? 0) + (1 - betas[0]) * d;
      v[i] = betas[1] * (v[i] ?? 0) + (1 - betas[1]) * d * d;
      largest[i] = Math.max(largest[i] ?? 0, v[i]!);
      const second = options.amsgrad ? largest[i]! : v[i]!;
      const denominator = Math.sqrt(second / (1 - betas[1] ** t)) + eps;
      p[i]! -= lr * (m[i]! / (1 - betas[0] ** t)) / denominator;
    }
  };
}

function rmsprop(options: Partial<RMSpropOptions>): Rule {
  const { lr = 0.01, alpha = 0.99, eps = 1e-8, weightDecay = 0, momentum = 0 } =
    options;
  const square: number[] = [];
  const mean: number[] = [];
  const buffer: number[] = [];
  return (p, g) => {
    for (let i = 0; i < p.length; i++) {
      const d = (options.maximize ? -g[i]! : g[i]!) + weightDecay * p[i]!;
      square[i] = alpha * (square[i] ?? 0) + (1 - alpha) * d * d;
      mean[i] = alpha * (mean[i] ?? 0) + (1 - alpha) * d;
      const variance = square[i]! - (options.centered ? mean[i]! ** 2 : 0);
      const step = d / (Math.sqrt(variance) + eps);
      buffer[i] = momentum * (buffer[i] ?? 0) + step;
      p[i]! -= lr * buffer[i]!;
    }
  };
}

type Case = [
  name: string,
  make: (params: Tensor[]) => Optimizer,
  rule: () => Rule,
];

function cases(): Case[] {
  const list: Case[] = [];
  const add = (
    kind: string,
    options: object,
    make: (params: Tensor[]) => unknown,
    rule: () => Rule,
  ) => {
    const text = JSON.stringify(options);
    list.push([`${kind} ${text}`, make as Case[1], rule]);
  };
  const sgds: Partial<SGDOptions>[] = [
    { lr: 0.1 },
    { lr: 0.1, momentum: 0.9 },
    { lr: 0.1, momentum: 0.9, dampening: 0.5, weightDecay: 0.1 },
    { lr: 0.1, momentum: 0.9, nesterov: true, weightDecay: 0.1 },
    { lr: 0.1, momentum: 0.5, maximize: true, weightDecay: 0.1 },
  ];
  for (const o of sgds) add("SGD", o, (p) => new SGD(p, o), () => sgd(o));
  const adams: Partial<AdamOptions>[] = [
    {},
    { lr: 0.1, weightDecay: 0.1 },
    { lr: 0.1, betas: [0, 0.5], eps: 0.01 },
    { lr: 0.1, amsgrad: true, betas: [0.9, 0.5] },
    { lr: 0.1, maximize: true, weightDecay: 0.01 },
  ];
  for (const o of adams) {
    add("Adam", o, (p) => new Adam(p, o), () => adam(o, false));
    add("AdamW", o, (p) => new AdamW(p, o), () => adam(o, true));
  }
  const props: Partial<RMSpropOptions>[] = [
    {},
    { lr: 0.1, momentum: 0.9, weightDecay: 0.1 },
    { lr: 0.1, alpha: 0.9, centered: true, eps: 0.1 },
    { lr: 0.1, alpha: 0.5, momentum: 0.5, maximize: true },
  ];
  for (const o of props) {
    add("RMSprop", o, (p) => new RMSprop(p, o), () => rmsprop(o));
  }
  return list;
}

/** Sizes around the vector width, and a scalar. */
const SHAPES = [[7], [2, 3], [], [33], [4, 4]];

for (const [name, make, rule] of cases()) {
  for (const dtype of ["float32", "float64"] satisfies DType[]) {
    Deno.test(`${name} follows its formula in ${dtype}`, () => {
      const generator = new Generator(1);
      const draw = (shape: number[]) => randn(shape, { dtype, generator });
      const params = SHAPES.map((shape) => draw(shape).requiresGrad_());
      const expected = params.map((p) => Array.from(p.data(), Number));
      const rules = params.map(rule);
      const optimizer = make(params);
      for (let step = 1; step <= 20; step++) {
        params.forEach((p, i) => {
          const gradient = draw(SHAPES[i]!);
          p.grad = gradient;
          rules[i]!(expected[i]!, Array.from(gradient.data(), Number), step);
        });
        optimizer.step();
      }
      const tolerance = dtype === "float64" ? 1e-12 : 2e-5;
      params.forEach((p, i) =>
        assertClose(Array.from(p.data(), Number), expected[i]!, {
          rtol: tolerance,
          atol: tolerance,
          what: `parameter ${i}`,
        })
      );
    });
  }
}

Deno.test("one step updates more parameters than 4096 bytes of pointers", () => {
  const params = Array.from(
    { length: 1500 },
    (_, i) => tensor([i], { requiresGrad: true }),
  );
  const optimizer = new SGD(params, { lr: 1 });
  for (const p of params) p.grad = tensor([1]);
  optimizer.step();
  assertClose(params.map((p) => p.item()), params.map((_, i) => i - 1));
});
