/** Public names without a parity case, by the reason. */
export const NOT_COMPARED: Record<string, string[]> = {
  "Makes tensors, reads them or describes them; tested by value in packages/tensor":
    [
      ...["tensor", "zeros", "ones", "full", "arange", "linspace", "eye"],
      ...["fullLike", "zerosLike", "onesLike", "scalarLike", "oneHot", "to"],
      ...["item", "toArray", "data", "toString", "isContiguous", "Tensor"],
    ],
  "Random: fdunn's generator is Philox, PyTorch's a Mersenne twister; moments and streams are tested in packages/tensor":
    [
      ...["rand", "randn", "randint", "randperm", "randLike", "randnLike"],
      ...["bernoulli", "normal", "uniform", "Generator", "manualSeed"],
      ...["streamFor", "dropout", "dropout1d", "dropout2d", "dropout3d"],
      ...["alphaDropout", "featureAlphaDropout"],
      "multinomial",
    ],
  "Autograd itself: every gradient here goes through it; packages/testing/programs compare whole programs":
    [
      ...["backward", "grad", "retainGrad", "registerHook", "detach"],
      "registerPostAccumulateGradHook",
      ...["noGrad", "enableGrad", "isGradEnabled"],
    ],
  "Memory and settings": [
    ...["dispose", "scope", "keep", "memoryStats"],
    ...["setNumThreads", "getNumThreads", "setDeterministic", "setWarnings"],
    "listenToWarnings",
  ],
  "Structure without arithmetic of its own": [
    ...["Module", "ModuleList", "Parameter"],
    ...["ModuleDict", "ParameterList", "ParameterDict"],
    ...["weights.functionalCall", "weights.parametersToVector"],
    "weights.vectorToParameters",
    ...["weights.removeSpectralNorm", "weights.removeWeightNorm"],
    ...["Optimizer", "FusedOptimizer", "LRScheduler", "StepTable"],
  ],
  "PyTorch has none: tested by formula in packages/nn": [
    ...["SinusoidalPositionalEncoding", "LearnedPositionalEncoding"],
    "rotaryEmbedding",
  ],
  "What functions of linear algebra throw; its sentences are tested in packages/tensor/linalg":
    ["linalg.LinAlgError"],
  "PyTorch has none: tested by formula, from its paper, in packages/optim": [
    ...["LAMB", "Lion", "NewtonCG", "SOAP"],
  ],
  "Base class of others on this page": [
    ...["EmbeddingTable", "PositionalEncoding", "Recurrent", "RecurrentCell"],
    ...["InstanceNorm", "PadLayer", "TransformerLayer"],
    ...["AdaptivePool", "AxisLayer", "Convolution", "Pool", "RunningNorm"],
    ...["AdamFamily", "Dictionary", "CompoundSchedule", "MomentumCycle"],
    ...["AdaptiveOptimizer", "MomentOptimizer", "ComposedOptimizer"],
    "ClosureOptimizer",
    "BatchNorm",
    "Loss",
    "distributions.Distribution",
  ],
};
