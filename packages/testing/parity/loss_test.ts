import type { Tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { type RunOp, testOpCases } from "./op_cases.ts";

/** A function of input, target and options, whose third tensor is a weight. */
type Function = (x: Tensor, target: Tensor, options: object) => Tensor;
const weighted = (loss: Function): RunOp => ([x, target, weight], options) =>
  loss(x!, target!, weight === undefined ? options : { ...options, weight });

/** The same as a module. */
type Layer = new (options: object) => nn.Module<[Tensor, Tensor]>;
const weightedLayer = (Loss: Layer): RunOp => ([x, target, weight], options) =>
  new Loss(weight === undefined ? options : { ...options, weight })
    .forward(x!, target!);

/** A function of three tensors and options. */
type Function3 = (a: Tensor, b: Tensor, c: Tensor, options: object) => Tensor;
const three = (loss: Function3): RunOp => ([a, b, c], options) =>
  loss(a!, b!, c!, options);

/** The same as a module. */
type Layer3 = new (
  options: object,
) => nn.Module<[Tensor, Tensor, Tensor]>;
const threeLayer = (Loss: Layer3): RunOp => ([a, b, c], options) =>
  new Loss(options).forward(a!, b!, c!);

/** Sequences are compared from the logits on: see ctcLoss(). */
const logs = (x: Tensor): Tensor => x.logSoftmax(-1);

testOpCases("loss", {
  crossEntropy: weighted(nn.crossEntropy),
  nllLoss: weighted(nn.nllLoss),
  mseLoss: weighted(nn.mseLoss),
  l1Loss: weighted(nn.l1Loss),
  smoothL1Loss: weighted(nn.smoothL1Loss),
  huberLoss: weighted(nn.huberLoss),
  klDiv: weighted(nn.klDiv),
  poissonNllLoss: weighted(nn.poissonNllLoss),
  gaussianNllLoss: three(nn.gaussianNllLoss),
  binaryCrossEntropy: weighted(nn.binaryCrossEntropy),
  binaryCrossEntropyWithLogits: ([x, target, weight, posWeight], options) =>
    nn.binaryCrossEntropyWithLogits(x!, target!, {
      ...options,
      weight: weight ?? null,
      posWeight: posWeight ?? null,
    }),
  softMarginLoss: weighted(nn.softMarginLoss),
  multilabelSoftMarginLoss: weighted(nn.multilabelSoftMarginLoss),
  hingeEmbeddingLoss: weighted(nn.hingeEmbeddingLoss),
  marginRankingLoss: three(nn.marginRankingLoss),
  multiMarginLoss: weighted(nn.multiMarginLoss),
  pairwiseDistance: weighted(nn.pairwiseDistance),
  cosineEmbeddingLoss: three(nn.cosineEmbeddingLoss),
  tripletMarginLoss: three(nn.tripletMarginLoss),
  ctcLoss: ([x, targets, inputs, lengths], options) =>
    nn.ctcLoss(logs(x!), targets!, inputs!, lengths!, options),
  CrossEntropyLoss: weightedLayer(nn.CrossEntropyLoss),
  NLLLoss: weightedLayer(nn.NLLLoss),
  MSELoss: weightedLayer(nn.MSELoss),
  L1Loss: weightedLayer(nn.L1Loss),
  SmoothL1Loss: weightedLayer(nn.SmoothL1Loss),
  HuberLoss: weightedLayer(nn.HuberLoss),
  KLDivLoss: weightedLayer(nn.KLDivLoss),
  PoissonNLLLoss: weightedLayer(nn.PoissonNLLLoss),
  GaussianNLLLoss: threeLayer(nn.GaussianNLLLoss),
  BCELoss: weightedLayer(nn.BCELoss),
  BCEWithLogitsLoss: ([x, target, weight, posWeight], options) => {
    const given = {
      ...options,
      weight: weight ?? null,
      posWeight: posWeight ?? null,
    };
    return new nn.BCEWithLogitsLoss(given).forward(x!, target!);
  },
  SoftMarginLoss: weightedLayer(nn.SoftMarginLoss),
  MultiLabelSoftMarginLoss: weightedLayer(nn.MultiLabelSoftMarginLoss),
  HingeEmbeddingLoss: weightedLayer(nn.HingeEmbeddingLoss),
  MarginRankingLoss: threeLayer(nn.MarginRankingLoss),
  MultiMarginLoss: weightedLayer(nn.MultiMarginLoss),
  CosineSimilarity: weightedLayer(nn.CosineSimilarity),
  PairwiseDistance: weightedLayer(nn.PairwiseDistance),
  CosineEmbeddingLoss: threeLayer(nn.CosineEmbeddingLoss),
  TripletMarginLoss: threeLayer(nn.TripletMarginLoss),
  CTCLoss: ([x, targets, inputs, lengths], options) =>
    new nn.CTCLoss(options).forward(logs(x!), targets!, inputs!, lengths!),
});
