/**
 * The table of differentiable ops: one line each, in grad_cases/, read by the
 * families' tests and by coverage_test.ts, which fails where an op has none.
 */

import type { Tensor } from "../mod.ts";
import { checkGrad, type CheckGradOptions } from "../custom_op.ts";
import {
  curved,
  type F,
  type Make,
  type Rows,
} from "./grad_cases/case_test.ts";
import { ACTIVATION } from "./grad_cases/activation_test.ts";
import { EINSUM } from "./grad_cases/einsum_test.ts";
import { ELEMENTWISE } from "./grad_cases/elementwise_test.ts";
import { INDEXING } from "./grad_cases/indexing_test.ts";
import { LAYER } from "./grad_cases/layer_test.ts";
import { LINALG } from "./grad_cases/linalg_test.ts";
import { MOVEMENT } from "./grad_cases/movement_test.ts";
import { ORDER } from "./grad_cases/order_test.ts";
import { PADDING } from "./grad_cases/padding_test.ts";
import { PRODUCT } from "./grad_cases/product_test.ts";
import { REDUCTION } from "./grad_cases/reduction_test.ts";
import { SEQUENCE } from "./grad_cases/sequence_test.ts";
import { WINDOWS } from "./grad_cases/windows_test.ts";

/** One line of the table. */
export interface GradCase {
  family: string;
  what: string;
  f: F;
  inputs: readonly Make[];
  options: CheckGradOptions;
}

const TABLE: Rows = {
  ...ACTIVATION,
  ...ELEMENTWISE,
  ...REDUCTION,
  ...MOVEMENT,
  ...ORDER,
  ...INDEXING,
  ...PADDING,
  ...PRODUCT,
  ...EINSUM,
  ...WINDOWS,
  ...LAYER,
  ...SEQUENCE,
  ...LINALG,
};

/** All lines, ready for checkGrad. */
export const CASES: readonly GradCase[] = Object.entries(TABLE)
  .flatMap(([family, rows]) =>
    rows.map(([what, f, inputs, options]) => ({
      family,
      what,
      f: (...xs: Tensor[]) => {
        const out = f(...xs);
        return curved(Array.isArray(out) ? out : [out as Tensor]);
      },
      inputs,
      options: options ?? {},
    }))
  );

/** Registers a test for each line of a family. */
export function testGradients(family: string): void {
  const own = CASES.filter((line) => line.family === family);
  if (own.length === 0) throw new Error(`No gradient cases for ${family}`);
  for (const { what, f, inputs, options } of own) {
    Deno.test(`${what}: gradients of first and second order are right`, () => {
      checkGrad(f, inputs.map((make) => make()), options);
    });
  }
}
