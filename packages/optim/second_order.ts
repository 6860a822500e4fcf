/**
 * Optimizers that know how the gradient changes: LBFGS and NewtonCG along their
 * steps, SOAP by rows and columns of matrices. An entry point of their own, as
 * few programs need them.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { LBFGS } from "@fdunn/optim/second_order";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([4, -2], { requiresGrad: true });
 * const optimizer = new LBFGS([w], { lineSearchFn: "strongWolfe" });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = w.sub(1).square().sum();
 *   loss.backward();
 *   return loss;
 * });
 * assertAlmostEquals(w.sub(1).abs().max().item(), 0, 1e-5);
 * ```
 *
 * @module
 */

export { ClosureOptimizer, type ClosureOptions } from "./closure_optimizer.ts";
export { LBFGS, type LBFGSOptions } from "./lbfgs.ts";
export { NewtonCG, type NewtonCGOptions } from "./newton_cg.ts";
export { SOAP, type SOAPOptions, type SOAPState } from "./soap.ts";
