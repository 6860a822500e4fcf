/**
 * Optimizers of the second order: LBFGS by its last steps, NewtonCG on exact
 * Hessian-vector products, SOAP by rows and columns of matrices. An entry point
 * of their own, as few programs need them.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { NewtonCG } from "@fdunn/optim/second_order";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([4, -2], { requiresGrad: true });
 * const optimizer = new NewtonCG([w]);
 * for (let i = 0; i < 5; i++) {
 *   optimizer.step(() => w.sub(1).square().sum()); // no backward()
 * }
 * assertAlmostEquals(w.sub(1).abs().max().item(), 0, 1e-5);
 * ```
 *
 * @module
 */

export { ClosureOptimizer, type ClosureOptions } from "./closure_optimizer.ts";
export { LBFGS, type LBFGSOptions } from "./lbfgs.ts";
export { NewtonCG, type NewtonCGOptions } from "./newton_cg.ts";
export { SOAP, type SOAPOptions, type SOAPState } from "./soap.ts";
