/**
 * Which module computes, for the messages of `detectAnomaly` and for exports:
 * while one is on, the classes' `forward` methods note the module that they run
 * on. Otherwise they are as they were written.
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

/** Stands around the runs of `forward` methods: returns what they give. */
export type Around = (
  call: {
    /** The module that runs. */
    module: AnyModule;
    /** The prototype whose `forward` it is, of a base class perhaps. */
    owner: object;
    /** What `forward` was given. */
    inputs: readonly unknown[];
    /** Names the module, from the outermost that runs. */
    path: () => string;
  },
  run: () => unknown,
) => unknown;
let around: Around | null = null;

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
      return enter(this, own, forward, inputs);
    };
  }
}

function enter(
  module: AnyModule,
  owner: Prototype,
  forward: Forward,
  inputs: never[],
): unknown {
  const run = () => forward.apply(module, inputs);
  if (!tracing) return run(); // a method that was kept beyond the tracing
  const inner = running.at(-1) !== module; // else `super.forward()`
  if (inner) running.push(module);
  try {
    if (around === null) return run();
    return around({ module, owner, inputs, path: () => pathOf(running) }, run);
  } finally {
    if (inner) running.pop();
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

function start(): void {
  tracing = true;
  for (const prototype of known) wrap(prototype);
}

function stop(): void {
  tracing = false;
  for (const [prototype, forward] of originals) prototype.forward = forward;
  originals.clear();
  running.length = 0;
}

/** Runs `f`, with `given` around every `forward` in it. */
export function watchModules<T>(given: Around, f: () => T): T {
  const [before, traced] = [around, tracing];
  around = given;
  if (!traced) start();
  try {
    return f();
  } finally {
    around = before;
    if (!traced) stop();
  }
}

setModuleTracer({
  start,
  stop,
  here() {
    if (running.length === 0) return null;
    const modules = [...running];
    return () => pathOf(modules);
  },
});
