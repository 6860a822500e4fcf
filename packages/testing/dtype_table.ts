/**
 * Which element types each op takes, and what it makes of them: found by
 * calling all of them. `deno task dtypes` writes it as docs/DTYPES.md, and a
 * test compares.
 */

import * as nn from "@fdunn/nn";
import * as fdunn from "@fdunn/tensor";
import { type DType, ones, Tensor, tensor, zeros } from "@fdunn/tensor";

/** All types; those from the fifth on only store. */
const DTYPES: readonly DType[] = [
  ...["float32", "float64", "int32", "bool"] as const,
  ...["float16", "bfloat16", "int64", "int8", "uint8"] as const,
];
const COMPUTING = 4;

type Call = (x: Tensor) => unknown;
type Arguments = (x: Tensor) => unknown[];

const INDEX = zeros([2, 2], { dtype: "int32" });
const ROWS = INDEX.select(0, 0);
const MASK = tensor([true, false]);

/** How methods are called that none of {@linkcode GUESSES} fits. */
const CALLS: Record<string, Call> = {
  maskedFill: (x) => x.maskedFill(MASK, 1),
  fill_: (x) => x.fill_(1),
  addcmul: (x) => x.addcmul(x, x),
  addcdiv: (x) => x.addcdiv(x, x),
  lerp: (x) => x.lerp(x, 0.5),
  reshape: (x) => x.reshape([4]),
  view: (x) => x.view([4]),
  unflatten: (x) => x.unflatten(0, [2, 1]),
  permute: (x) => x.permute([1, 0]),
  movedim: (x) => x.movedim(0, 1),
  expand: (x) => x.expand([3, 2, 2]),
  broadcastTo: (x) => x.broadcastTo([3, 2, 2]),
  repeat: (x) => x.repeat([2, 1]),
  tile: (x) => x.tile([2]),
  flip: (x) => x.flip(0),
  roll: (x) => x.roll(1, 0),
  narrow: (x) => x.narrow(0, 0, 1),
  split: (x) => x.split(1),
  unfold: (x) => x.unfold(0, 2, 1),
  index: (x) => x.index([ROWS]),
  indexPut: (x) => x.indexPut([ROWS], x),
  indexPut_: (x) => x.indexPut_([ROWS], x),
  indexSelect: (x) => x.indexSelect(0, ROWS),
  gather: (x) => x.gather(0, INDEX),
  scatter: (x) => x.scatter(0, INDEX, x),
  scatterAdd: (x) => x.scatterAdd(0, INDEX, x),
  scatterReduce: (x) => x.scatterReduce(0, INDEX, x, "amax"),
  indexAdd: (x) => x.indexAdd(0, ROWS, x),
  indexCopy: (x) => x.indexCopy(0, ROWS, x),
  indexFill: (x) => x.indexFill(0, ROWS, 1),
  take: (x) => x.take(INDEX),
  takeAlongDim: (x) => x.takeAlongDim(INDEX, 0),
  maskedSelect: (x) => x.maskedSelect(MASK),
  bmm: (x) => x.reshape([1, 2, 2]).bmm(x.reshape([1, 2, 2])),
  mv: (x) => x.mv(x.select(0, 0)),
  dot: (x) => x.select(0, 0).dot(x.select(0, 0)),
  outer: (x) => x.select(0, 0).outer(x.select(0, 0)),
  addmv: (x) => x.select(0, 0).addmv(x, x.select(0, 0)),
  addbmm: (x) => x.addbmm(x.reshape([1, 2, 2]), x.reshape([1, 2, 2])),
  baddbmm: (x) => {
    const batch = x.reshape([1, 2, 2]);
    return batch.baddbmm(batch, batch);
  },
  cross: (x) => {
    const three = x.reshape([4]).slice(0, 0, 3);
    return three.cross(three);
  },
  max: (x) => x.max(0),
  min: (x) => x.min(0),
  bincount: (x) => x.reshape([4]).bincount(),
};

/** Tried in turn on the other methods; the first that float32 takes is it. */
const GUESSES: readonly Arguments[] = [
  () => [],
  (x) => [x],
  () => [0],
  () => [1],
  () => [0, 1],
  (x) => [x, x],
];

/** Functions that are no methods, with their arguments. */
const FUNCTIONS: Record<string, Arguments> = {
  where: (x) => [MASK, x, x],
  cat: (x) => [[x, x]],
  stack: (x) => [[x, x]],
  oneHot: (x) => [x, 2],
  linear: (x) => [x, x],
  conv2d: (x) => [x.reshape([1, 1, 2, 2]), x.reshape([1, 1, 2, 2])],
  maxPool2d: (x) => [x.reshape([1, 2, 2]), 2],
  avgPool2d: (x) => [x.reshape([1, 2, 2]), 2],
  layerNorm: (x) => [x, [2]],
  groupNorm: (x) => [x, 1],
  instanceNorm: (x) => [x.reshape([1, 2, 2])],
  rmsNorm: (x) => [x, [2]],
  maxPool1d: (x) => [x, 2],
  avgPool1d: (x) => [x, 2],
  conv3d: (x) => [x.reshape([1, 1, 1, 2, 2]), x.reshape([1, 1, 1, 2, 2])],
  hstack: (x) => [[x, x]],
  vstack: (x) => [[x, x]],
  meshgrid: (x) => [[x.select(0, 0)]],
  pad: (x) => [x, [1, 0]],
  pixelShuffle: (x) => [x.reshape([4, 1, 1]), 2],
  interpolate: (x) => [x.reshape([1, 2, 2]), { size: 3 }],
  einsum: (x) => ["ij,jk", [x, x]],
  tensordot: (x) => [x, x, 1],
  cosineSimilarity: (x) => [x, x],
  cdist: (x) => [x, x],
  crossEntropy: (x) => [x, ROWS],
  threshold: (x) => [x, 0, 0],
  prelu: (x) => [x, x.select(0, 0).slice(0, 0, 1)],
  ...Object.fromEntries(
    [
      ...["silu", "gelu", "mish", "softplus", "logSigmoid", "softsign"],
      ...["tanhshrink", "leakyRelu", "relu6", "elu", "selu", "celu", "glu"],
      ...["hardtanh", "hardsigmoid", "hardswish", "hardshrink"],
      ...["softshrink", "swiglu"],
    ].map((name) => [name, (x: Tensor) => [x]]),
  ),
  softmin: (x) => [x, 0],
};

/** An op: what it is called, and how to call it. */
interface Probe {
  name: string;
  call: Call;
}

/**
 * The methods that ops are: those of the classes that Tensor extends, but for
 * `exp_()` and the like, which follow `exp()`, and for `where`, whose tensor is
 * the condition.
 */
function methods(): string[] {
  const names: string[] = [];
  let level = Object.getPrototypeOf(Tensor.prototype);
  while (level !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(level)) {
      if (name !== "constructor") names.push(name);
    }
    level = Object.getPrototypeOf(level);
  }
  return names.filter((name) =>
    name !== "where" &&
    !(name.endsWith("_") && names.includes(name.slice(0, -1)))
  );
}

function probes(): Probe[] {
  const found = methods().map((name) => {
    const guesses = GUESSES.map((args) => (x: Tensor) =>
      (Reflect.get(x, name) as (...args: unknown[]) => unknown)
        .apply(x, args(x))
    );
    const call = CALLS[name] ?? guesses.find(succeeds);
    if (call !== undefined) return { name, call };
    throw new Error(`dtype_table.ts does not know what ${name}() takes`);
  });
  const functions = Object.entries(FUNCTIONS).map(([name, args]) => {
    const f = Reflect.get(nn, name) ?? Reflect.get(fdunn, name);
    return { name, call: (x: Tensor) => f(...args(x)) };
  });
  return [...found, ...functions];
}

/** Everything takes float32. */
function succeeds(call: (x: Tensor) => unknown): boolean {
  try {
    call(sample("float32"));
    return true;
  } catch {
    return false;
  }
}

function sample(dtype: DType): Tensor {
  return ones([2, 2]).to(dtype);
}

/** The result's type, "same", or "refused". */
function resultOf({ name, call }: Probe, dtype: DType): string {
  let result: unknown;
  try {
    result = call(sample(dtype));
  } catch (error) {
    if (error instanceof TypeError) return "refused";
    throw new Error(`${name}() of ${dtype}: ${error}`);
  }
  if (Array.isArray(result)) result = result[0];
  if (result instanceof Tensor) return same(result.dtype, dtype);
  if (typeof result !== "object" || result === null) return typeof result;
  const first = Object.values(result).find((part) => part instanceof Tensor);
  return same((first as Tensor).dtype, dtype);
}

function same(result: DType, dtype: DType): string {
  return result === dtype ? "same" : result;
}

/** One sentence for all types: "float32: same; int32: float32". */
function pattern(probe: Probe): string {
  const results = DTYPES.map((dtype) => resultOf(probe, dtype));
  const names: string[] = [...DTYPES];
  const stored = new Set(results.slice(COMPUTING));
  if (stored.size === 1) {
    results.splice(COMPUTING, Infinity, ...stored);
    names.splice(COMPUTING, Infinity, "stored");
  }
  const byResult = Map.groupBy(names, (_, i) => results[i]!);
  return [...byResult].map(([result, types]) =>
    `${types.join(", ")}: ${result}`
  )
    .join(" · ");
}

/** The page, before `deno fmt`. */
export function dtypeTable(): string {
  const groups = Map.groupBy(probes(), pattern);
  const sections = [...groups]
    .toSorted(([, a], [, b]) => b.length - a.length)
    .map(([title, ops]) => {
      const names = ops.map(({ name }) => name).toSorted(alphabetically);
      const list = [...new Set(names)].map((name) => `\`${name}\``).join(" ");
      return `## ${title}\n\n${list}\n`;
    });
  return `# Types

Written by \`deno task dtypes\`, which calls every method of a tensor and the
functions beside them with every type: do not edit. Each heading says what
becomes of a type; "stored" is float16, bfloat16, int64, int8 and uint8, which
convert with \`to()\` and otherwise only move. Operands of two types meet in the
later of bool, int32, float32, float64; a number beside int32 or bool counts as
int32 if it is whole. In place, as in \`exp_()\`, an op takes the types that it
keeps.

${sections.join("\n")}`;
}

function alphabetically(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}
