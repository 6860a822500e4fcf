/** What has no ONNX file, and where ONNX Runtime computes other values. */

/** Public names that no file can have, by the reason. */
export const NOT_EXPORTED: Readonly<Record<string, readonly string[]>> = {
  "The number of its results depends on the values: the sizes behind it would be the example's":
    ["maskedSelect", "nonzero", "unique", "bincount"],
  "ONNX has no operator, nor a short way by others": ["cumprod", "histc"],
  "ONNX has no decompositions, nor what is made of them": [
    ...["cholesky", "cond", "eigh", "eigvalsh", "inv", "inverse", "lstsq"],
    ...["matrixRank", "pinv", "qr", "slogdet", "solve", "solveTriangular"],
    ...["svd", "svdvals"],
  ].map((name) => `linalg.${name}`),
  "Random: a file's numbers would be the example's; dropout disappears in evaluation":
    [
      ...["rand", "randn", "randint", "randperm", "randLike", "randnLike"],
      ...["bernoulli", "normal", "uniform", "multinomial", "Generator"],
      ...["manualSeed", "streamFor", "dropout", "dropout1d", "dropout2d"],
      ...["dropout3d", "alphaDropout", "featureAlphaDropout"],
    ],
  "Gives numbers, texts or a boolean, no tensor: what is decided by them is as for the example":
    [
      ...["item", "toArray", "data", "toString", "isContiguous", "allclose"],
      "equal",
    ],
  "Autograd, memory and settings: nothing that a forward computes": [
    ...["backward", "grad", "retainGrad", "registerHook", "detach", "noGrad"],
    ...["registerPostAccumulateGradHook"],
    ...["enableGrad", "isGradEnabled", "dispose", "scope", "keep"],
    ...["memoryStats", "setNumThreads", "getNumThreads", "setDeterministic"],
    ...["setWarnings", "listenToWarnings", "linalg.LinAlgError"],
  ],
  "Base class of others on this page": [
    ...["AdaptivePool", "AxisLayer", "BatchNorm", "Convolution", "Dictionary"],
    ...["EmbeddingTable", "InstanceNorm", "Loss", "Module", "PadLayer"],
    ...["Parameter", "Pool", "PositionalEncoding", "Recurrent", "Tensor"],
    ...["RecurrentCell", "RunningNorm", "TransformerLayer"],
  ],
};

/** Ops that no file can have, as errors name them. */
export const REFUSED: ReadonlySet<string> = new Set(
  Object.values(NOT_EXPORTED).flat()
    .map((name) => name.replace("linalg.", "")),
);

/**
 * Where ONNX Runtime's values differ from ours and PyTorch's, as the tests name
 * the cases: what it makes of NaN, of nothing, and of integers that overflow.
 */
const OTHER_VALUES: readonly RegExp[] = [
  /^(hard|soft)shrink: .* of specials$/,
  /^(argmax|argmin|sort|topk|median|searchsorted): .*NaN/,
  /^(maxPool2d|adaptiveMaxPool2d|norm): .* of NaN/,
  /^mean: mean of nothing$/,
  /^atan2: .* infinities$/,
  /^pow: pow of int32 to 5$/,
  /^repeatInterleave: .* \[0, 1\]$/,
];

/** Whether ONNX Runtime is known to give other values for a case. */
export function differs(name: string): boolean {
  return OTHER_VALUES.some((pattern) => pattern.test(name));
}

/**
 * Names whose ops depend on a size by more than a multiple and a sum (`roll`
 * over less elements than it rolls by, the shorter side of a matrix): what was
 * seen for some sizes is not true for all.
 */
export const DECIDED_BY_SIZES: ReadonlySet<string> = new Set([
  ...["diag", "diagonal", "roll", "squeeze", "trace", "views"],
  ...["equal", "allclose"],
  // Whose rows are no longer sorted when they are longer.
  ...["searchsorted", "bucketize"],
]);

/**
 * Cases that write in place, which no file does: rows that are made shorter, and
 * layers that are made, and given their first weights, by the case itself.
 */
const IN_PLACE = /^embedding(Bag)?: .*max_norm|^weights\.\w+Norm: /i;

/** Whether a case has no file, though others of its op have. */
export function writesInPlace(name: string): boolean {
  return IN_PLACE.test(name);
}
