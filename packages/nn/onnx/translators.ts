/** Every op and layer that has ONNX operators. */

import type { Translate, Translators } from "./call.ts";
import { ACTIVATIONS } from "./ops/activations.ts";
import { ELEMENTWISE } from "./ops/elementwise.ts";
import { LAYERS } from "./ops/layers.ts";
import { LOSSES } from "./ops/losses.ts";
import { MOVEMENT } from "./ops/movement.ts";
import { NORMALIZATION } from "./ops/normalization.ts";
import { PICKING } from "./ops/picking.ts";
import { POOLS } from "./ops/pools.ts";
import { PRODUCTS } from "./ops/products.ts";
import { RECURRENCE } from "./ops/recurrence.ts";
import { REDUCTIONS } from "./ops/reductions.ts";

const TRANSLATORS: Translators = {
  ...ACTIVATIONS,
  ...ELEMENTWISE,
  ...LAYERS,
  ...LOSSES,
  ...MOVEMENT,
  ...NORMALIZATION,
  ...PICKING,
  ...POOLS,
  ...PRODUCTS,
  ...RECURRENCE,
  ...REDUCTIONS,
};

/** How an op becomes nodes; null for those without an operator. */
export function translatorOf(op: string): Translate | null {
  return Object.hasOwn(TRANSLATORS, op) ? TRANSLATORS[op]! : null;
}
