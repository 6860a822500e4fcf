/**
 * Which module computes, for the messages of `detectAnomaly`: while that is on,
 * the classes' `forward` methods note the module that they run on. Otherwise
 * they are as they were written.
 */

import { setModuleTracer } from "@fdunn/tensor/op";
import type { AnyModule } from "./module.ts";

type Forward = (this: AnyModule, ...inputs: never[]) => unknown;
interface Prototype {
  forward: Forward;
}

/** The prototypes of all modules that were ever made. */
const known = new Set<object>();
/** The methods that are wrapped now. */
const originals = new Map<Prototype, Forward>();
/** The modules that compute now, outermost first. */
const running: AnyModule[] = [];
let tracing = false;

/** Notes the class of a new module. */
export function knowClass(prototype: object): void {
  if (known.has(prototype)) return;
  known.add(prototype);
  if (tracing) wrap(prototype);
}

/** Wraps the `forward` of a class and of those that it extends. */
function wrap(prototype: object): void {
  for (
    let at: object | null = prototype;
    at !== null && at !== Object.prototype;
    at = Object.getPrototypeOf(at)
  ) {
    if (!Object.hasOwn(at, "forward")) continue;
    const own = at as Prototype;
    if (originals.has(own)) continue;
    const { forward } = own;
    originals.set(own, forward);
    own.forward = function (...inputs) {
      return enter(this, forward, inputs);
    };
  }
}

function enter(
  module: AnyModule,
  forward: Forward,
  inputs: never[],
): unknown {
  // `super.forward()`, or a method that was kept beyond the tracing.
  if (!tracing || running.at(-1) === module) {
    return forward.apply(module, inputs);
  }
  running.push(module);
  try {
    return forward.apply(module, inputs);
  } finally {
    running.pop();
  }
}

/** `Net.encoder.layers.0.linear1 (Linear)`. */
function pathOf(modules: readonly AnyModule[]): string {
  const [root, ...inner] = modules;
  let path = root!.constructor.name;
  let parent = root!;
  for (const module of inner) {
    const found = parent.namedModules().find(([, child]) => child === module);
    path += found === undefined
      ? ` > ${module.constructor.name}`
      : `.${found[0]}`;
    parent = module;
  }
  return inner.length === 0 ? path : `${path} (${parent.constructor.name})`;
}

setModuleTracer({
  start() {
    tracing = true;
    for (const prototype of known) wrap(prototype);
  },
  stop() {
    tracing = false;
    for (const [prototype, forward] of originals) prototype.forward = forward;
    originals.clear();
    running.length = 0;
  },
  here() {
    if (running.length === 0) return null;
    const modules = [...running];
    return () => pathOf(modules);
  },
});
