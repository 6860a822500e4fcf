/** An optimizer's state as plain data, in PyTorch's layout. */

import { noGrad, Tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
import type { Hyperparameters, ParamGroup } from "./optimizer.ts";

/** A group's options, and the numbers of its parameters. */
export interface SavedGroup {
  /** Positions in the order of all groups. */
  params: number[];
  /** The options. */
  [option: string]: unknown;
}

/** What `stateDict()` returns. */
export interface OptimizerState {
  /** By the parameter's number: tensors and counts. */
  state: Record<number, Record<string, Tensor | number>>;
  /** The groups. */
  paramGroups: SavedGroup[];
}

/** Options whose values are words: those of a group's own are left alone. */
const WORDS = /^(lineSearchFn|adjustLrFn|mode)$/;

/**
 * An object with PyTorch's names in fdunn's spelling: `exp_avg_sq` becomes
 * `expAvgSq`, `T_max` `tMax`, `_step_count` `stepCount`; so do words that are
 * options, as `strong_wolfe`.
 */
export function camelKeys(object: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object ?? {}).map(([key, value]) => {
      const name = camel(key);
      const isWord = typeof value === "string" && WORDS.test(name);
      return [name, isWord ? camel(value) : value];
    }),
  );
}

function camel(text: string): string {
  const name = text.replace(/^_+/, "")
    .replace(/_+(\w)/g, (_, letter) => letter.toUpperCase());
  return name.charAt(0).toLowerCase() + name.slice(1);
}

/** Groups and states as plain data. */
export function writeState<Options extends Hyperparameters>(
  groups: readonly ParamGroup<Options>[],
  states: ReadonlyMap<Tensor, object>,
): OptimizerState {
  const saved: OptimizerState = { state: {}, paramGroups: [] };
  let number = 0;
  for (const group of groups) {
    const numbers: number[] = [];
    for (const parameter of group.params) {
      const state = states.get(parameter);
      if (state !== undefined) saved.state[number] = plain(state);
      numbers.push(number++);
    }
    saved.paramGroups.push({
      ...(group as object),
      params: numbers,
    });
  }
  return saved;
}

/** Tensors and numbers; nulls and flags are the optimizer's own business. */
function plain(state: object): Record<string, Tensor | number> {
  const entries: Record<string, Tensor | number> = {};
  for (const [key, value] of Object.entries(state)) {
    if (typeof value === "number") entries[key] = value;
    else if (value instanceof Tensor) entries[key] = value.detach();
  }
  return entries;
}

/** Checks all of a state, then makes it that of `groups` and `states`. */
export function readState<
  Options extends Hyperparameters,
  State extends object,
>(
  name: string,
  saved: OptimizerState,
  groups: readonly ParamGroup<Options>[],
  states: Map<Tensor, State>,
  create: (parameter: Tensor, options: Options) => State | null,
  checkOptions: (options: Options) => void,
): void {
  const fail = (why: string) =>
    new RangeError(`Cannot load a state into ${name}: ${why}`);
  const { paramGroups, state: entriesOf } = camelKeys(
    saved,
  ) as unknown as OptimizerState;
  if (
    !Array.isArray(paramGroups) || typeof entriesOf !== "object" ||
    entriesOf === null
  ) throw fail("expected { state, paramGroups }");
  if (paramGroups.length !== groups.length) {
    throw fail(
      `it has ${paramGroups.length} groups, the optimizer ${groups.length}`,
    );
  }
  const options: Options[] = [];
  const made = new Map<Tensor, State>();
  groups.forEach((group, g) => {
    const from = camelKeys(paramGroups[g]!) as SavedGroup;
    if (from.params?.length !== group.params.length) {
      throw fail(
        `group ${g} has ${from.params?.length} parameters, the optimizer's ${group.params.length}`,
      );
    }
    const { params: numbers, ...rest } = from;
    const loaded = { ...group, ...rest } as Options;
    checkOptions(loaded);
    options.push(loaded);
    group.params.forEach((parameter, i) => {
      const entries = entriesOf[numbers[i]!];
      if (entries === undefined) return;
      const state = create(parameter, loaded);
      if (state === null) return;
      const known = camelKeys(entries) as typeof entries;
      const fault = copyEntries(known, state);
      if (fault !== null) throw fail(`parameter ${numbers[i]}: ${fault}`);
      made.set(parameter, state);
    });
  });
  groups.forEach((group, g) => {
    const { params } = group;
    Object.assign(group, options[g], { params });
  });
  states.clear();
  for (const [parameter, state] of made) states.set(parameter, state);
}

/** Copies saved values into a fresh state; returns what does not fit. */
function copyEntries(
  entries: Record<string, Tensor | number>,
  state: object,
): string | null {
  const target = state as Record<string, unknown>;
  for (const key of Object.keys(target)) {
    const [value, from] = [target[key], entries[key]];
    if (typeof value === "number") {
      const single = from instanceof Tensor && from.size === 1;
      const count = single ? from.item() : from; // PyTorch counts in tensors
      if (typeof count !== "number") return `${key} is missing`;
      target[key] = count;
    } else if (value instanceof Tensor) {
      if (!(from instanceof Tensor)) return `${key} is missing`;
      if (from.shape.join() !== value.shape.join()) {
        return `${key} has shape ${formatShape(from.shape)}, expected ${
          formatShape(value.shape)
        }`;
      }
      noGrad(() => value.copy_(from));
    }
  }
  return null;
}
