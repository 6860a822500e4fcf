/** The classes and functions of Python that a PyTorch file may name. */

import { Tensor } from "@fdunn/tensor";
import type { ElementName } from "./element_type.ts";
import type { ExpansionLimit } from "./expansion_limit.ts";
import { isDict, PickleGlobal } from "./pickle.ts";
import { tensorOf, TorchStorage } from "./torch_storage.ts";

/** The element types of PyTorch's types of storages; null: tensors say it. */
const STORAGES: ReadonlyMap<string, ElementName | null> = new Map([
  ["torch.storage.UntypedStorage", null],
  ["torch.FloatStorage", "float32"],
  ["torch.DoubleStorage", "float64"],
  ["torch.HalfStorage", "float16"],
  ["torch.BFloat16Storage", "bfloat16"],
  ["torch.LongStorage", "int64"],
  ["torch.IntStorage", "int32"],
  ["torch.ShortStorage", "int16"],
  ["torch.CharStorage", "int8"],
  ["torch.ByteStorage", "uint8"],
  ["torch.BoolStorage", "bool"],
]);

/** Element types, which are values, too; with those that have no storage. */
const DTYPES: readonly ElementName[] = [
  ...[...STORAGES.values()].filter((element) => element !== null),
  ...["uint16", "uint32", "uint64"] as const,
];

/**
 * Names of PyTorch that are no functions: types of storages, of tensors. What
 * the file does with them shows where they stand.
 */
const TYPES: readonly string[] = [
  ...STORAGES.keys(),
  ...["torch.Tensor", "torch.nn.parameter.Parameter"],
  "torch.nn.parameter.Buffer",
];

/** Rebuilds buffers, and tensors that were given attributes. */
const FROM_TYPE = "torch._tensor._rebuild_from_type_v2";

/** Makes a value of a call's arguments; undefined where they do not fit. */
type Call = (args: readonly unknown[], limit: ExpansionLimit) => unknown;

const CALLS: Readonly<Record<string, Call>> = {
  "collections.OrderedDict": (args) => args.length === 0 ? {} : undefined,
  "collections.Counter": ([counts]) => isDict(counts) ? counts : undefined,
  "torch.Size": ([sizes]) => areSizes(sizes) ? sizes : undefined,
  "torch.device": ([type, number]) => {
    if (typeof type !== "string") return undefined;
    return typeof number === "number" ? `${type}:${number}` : type;
  },
  "torch._utils._rebuild_tensor_v2": (args, limit) => {
    const [storage] = args;
    if (!(storage instanceof TorchStorage)) return undefined;
    return rebuilt(args, storage.element, args[6], limit);
  },
  "torch._utils._rebuild_tensor_v3": (args, limit) => {
    const element = DTYPES.find((dtype) => dtype === args[6]);
    return rebuilt(args, element, args[7], limit);
  },
  "torch._utils._rebuild_parameter": parameter,
  "torch._utils._rebuild_parameter_with_state": parameter,
  // A function, the type of its result, its arguments, attributes.
  [FROM_TYPE]: ([rebuild, , args]) =>
    rebuild instanceof PickleGlobal && rebuild.name !== FROM_TYPE &&
      Array.isArray(args)
      ? rebuild.call(args)
      : undefined,
};

/** The element type of a type of storage; undefined for anything else. */
export function storageElement(type: unknown): ElementName | null | undefined {
  return type instanceof PickleGlobal ? STORAGES.get(type.name) : undefined;
}

/**
 * What a pickle may name: functions that make plain containers, or tensors
 * within the limit. The refusal makes the error for any other name.
 */
export function torchGlobal(
  name: string,
  limit: ExpansionLimit,
  refusal: (name: string) => TypeError,
): unknown {
  const dtype = DTYPES.find((dtype) => `torch.${dtype}` === name);
  if (dtype !== undefined) return dtype;
  const call = Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;
  if (call === undefined && !TYPES.includes(name)) throw refusal(name);
  return new PickleGlobal(name, (args) => {
    const result = call?.(args, limit);
    if (result !== undefined) return result;
    throw new RangeError(
      `The PyTorch file calls ${name}() with arguments that do not fit`,
    );
  });
}

function rebuilt(
  args: readonly unknown[],
  element: ElementName | null | undefined,
  bits: unknown,
  limit: ExpansionLimit,
): Tensor | undefined {
  const [storage, offset, shape, strides, requiresGrad] = args;
  // Bits ask for a negated or conjugated reading.
  const plain = isDict(bits)
    ? Object.keys(bits).length === 0
    : bits === undefined || bits === null;
  if (
    !(storage instanceof TorchStorage) || !element || !plain ||
    !isSize(offset) || !areSizes(shape) || !areSizes(strides)
  ) return undefined;
  const x = tensorOf({ storage, element, offset, shape, strides }, limit);
  return withGrad(x, requiresGrad);
}

function parameter([x, requiresGrad]: readonly unknown[]): Tensor | undefined {
  return x instanceof Tensor ? withGrad(x, requiresGrad) : undefined;
}

/** Sets what a leaf of an element type that computes can have. */
function withGrad(x: Tensor, requiresGrad: unknown): Tensor {
  const computes = x.dtype === "float32" || x.dtype === "float64";
  return requiresGrad === true && computes ? x.requiresGrad_() : x;
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && value as number >= 0;
}

function areSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every(isSize);
}
