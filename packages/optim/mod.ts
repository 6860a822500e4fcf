/**
 * Optimizers, in PyTorch's shape: each takes parameters, and changes them by
 * their gradients in `step()`, one kernel call for all.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { SGD } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([4, -2], { requiresGrad: true });
 * const optimizer = new SGD([w], { lr: 0.1, momentum: 0.9 });
 * for (let step = 0; step < 200; step++) {
 *   optimizer.zeroGrad();
 *   w.sub(1).square().sum().backward();
 *   optimizer.step();
 * }
 * assertAlmostEquals(w.sub(1).abs().max().item(), 0, 1e-3);
 * ```
 *
 * `@fdunn/optim/second_order` has LBFGS, NewtonCG and SOAP.
 *
 * @module
 */

export {
  Adadelta,
  type AdadeltaOptions,
  type AdadeltaState,
} from "./adadelta.ts";
export {
  Adafactor,
  type AdafactorOptions,
  type AdafactorState,
} from "./adafactor.ts";
export { Adagrad, type AdagradOptions, type AdagradState } from "./adagrad.ts";
export { Adam, AdamFamily, type AdamOptions, type AdamState } from "./adam.ts";
export { Adamax, type AdamaxOptions, type AdamaxState } from "./adamax.ts";
export { AdamW } from "./adamw.ts";
export {
  AdaptiveOptimizer,
  type AdaptiveOptions,
  type AdaptiveState,
  type AdaptiveStep,
  MomentOptimizer,
  type MomentOptions,
  type MomentState,
} from "./adaptive.ts";
export {
  clipGradNorm,
  type ClipGradNormOptions,
  clipGradValue,
} from "./clip_grad.ts";
export { FusedOptimizer } from "./fused_optimizer.ts";
export { LAMB, type LAMBOptions } from "./lamb.ts";
export {
  ComposedOptimizer,
  type ComposedOptions,
  type ComposedState,
} from "./composed.ts";
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from "./cosine_schedule.ts";
export {
  CyclicLR,
  type CyclicLROptions,
  MomentumCycle,
  type MomentumCycleOptions,
  OneCycleLR,
  type OneCycleLROptions,
} from "./cyclic_schedule.ts";
export {
  ExponentialLR,
  type ExponentialLROptions,
  MultiStepLR,
  type MultiStepLROptions,
  PolynomialLR,
  type PolynomialLROptions,
  StepLR,
  type StepLROptions,
} from "./decay_schedule.ts";
export {
  LambdaLR,
  type LambdaLROptions,
  type LRLambda,
  MultiplicativeLR,
} from "./lambda_schedule.ts";
export { Lion, type LionOptions, type LionState } from "./lion.ts";
export {
  LRScheduler,
  type Scheduled,
  type ScheduleOptions,
  type SchedulerState,
} from "./lr_scheduler.ts";
export { Muon, type MuonOptions, type MuonState } from "./muon.ts";
export { NAdam, type NAdamOptions, type NAdamState } from "./nadam.ts";
export {
  type Hyperparameters,
  Optimizer,
  type ParameterState,
  type ParamGroup,
  type ParamGroupOptions,
  type Params,
} from "./optimizer.ts";
export {
  type PlateauState,
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
} from "./plateau.ts";
export { RAdam, type RAdamOptions } from "./radam.ts";
export { RMSprop, type RMSpropOptions, type RMSpropState } from "./rmsprop.ts";
export {
  ChainedScheduler,
  CompoundSchedule,
  SequentialLR,
  type SequentialLROptions,
} from "./schedule_sequence.ts";
export { SGD, type SGDOptions, type SGDState } from "./sgd.ts";
export type { OptimizerState, SavedGroup } from "./state.ts";
export { StepTable } from "./step_table.ts";
export {
  ConstantLR,
  type ConstantLROptions,
  LinearLR,
  type LinearLROptions,
} from "./warmup_schedule.ts";
