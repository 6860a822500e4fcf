/** Notices a run that goes on with trained weights. */

import type { Tensor } from "@fdunn/tensor";
import { loadSafetensors } from "@fdunn/tensor/safetensors";
import type { Patient, Tell } from "./checkups.ts";
import { fileSystem, pathModule } from "../files/file_system.ts";
import type { StepOptimizer } from "../trainable.ts";

/** How many of the newest runs are compared. */
const RUNS = 30;
/** A weights file is at most this much longer than the weights. */
const HEADER_BYTES = 1 << 20;

/** How a training in this program has left a model. */
interface Left {
  optimizers: readonly StepOptimizer[];
  fingerprint: number;
}

const trained: WeakMap<object, Left> = new WeakMap();

/** Keeps in mind that the model is no longer fresh. */
export function noteTrained({ model, optimizers }: Patient): void {
  const fingerprint = fingerprintOf(model.stateDict());
  trained.set(model, { optimizers, fingerprint });
}

/** Looks whether another training has left these weights. */
export function checkWeights(
  { model, optimizers }: Patient,
  runs: string | null,
  tell: Tell,
): void {
  const state = model.stateDict();
  const left = trained.get(model);
  const other = left !== undefined &&
    !optimizers.some((optimizer) => left.optimizers.includes(optimizer)) &&
    left.fingerprint === fingerprintOf(state);
  const origin = other
    ? `${
      left.optimizers.map((o) => o.constructor.name).join(" and ")
    } has trained in this program`
    : runs === null
    ? null
    : runThatEndedWith(state, runs);
  if (origin === null) return;
  tell(
    "continued-weights",
    `The model starts from weights that ${origin}: this run continues that one, and its figures are not those of a fresh start. Make a new model after manualSeed(); if you mean to continue, tell the Doctor by { continues: true }`,
  );
}

/** The newest run whose last weights are these, in words. */
function runThatEndedWith(
  state: Record<string, Tensor>,
  runs: string,
): string | null {
  const path = pathModule();
  for (const { name, bytes } of weightFiles(runs, sizeOf(state))) {
    try {
      const { tensors, metadata } = loadSafetensors(bytes());
      // Before its first epoch a run has the weights of all with its seed.
      const epochs = Number(metadata["epoch"] ?? 0);
      if (epochs > 0 && sameState(tensors, state)) {
        return `${path.join(runs, name)} ended with after ${epochs} epochs`;
      }
    } catch {
      // A damaged or foreign file is none of these weights.
    }
  }
  return null;
}

/** Files of about this many bytes in the run folders, newest first. */
function weightFiles(
  runs: string,
  size: number,
): { name: string; bytes: () => Uint8Array }[] {
  const fs = fileSystem();
  const found: { name: string; time: number; bytes: () => Uint8Array }[] = [];
  if (!fs.existsSync(runs)) return found;
  for (const entry of fs.readdirSync(runs, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isDirectory()) continue;
    const file = pathModule().join(runs, name, "model.safetensors");
    const info = fs.statSync(file, { throwIfNoEntry: false });
    if (info === undefined) continue;
    if (info.size < size || info.size > size + HEADER_BYTES) continue;
    found.push({
      name,
      time: info.mtimeMs,
      bytes: () => fs.readFileSync(file),
    });
  }
  return found.sort((a, b) => b.time - a.time).slice(0, RUNS);
}

function sizeOf(state: Record<string, Tensor>): number {
  return Object.values(state).reduce((n, t) => n + t.size * t.itemBytes, 0);
}

/** A number that other weights hardly share: FNV-1a over their words. */
function fingerprintOf(state: Record<string, Tensor>): number {
  let hash = 0x811c9dc5;
  for (const tensor of Object.values(state)) {
    const { buffer, byteLength } = tensor.data();
    const words = new Int32Array(buffer, 0, byteLength >>> 2);
    for (let i = 0; i < words.length; i++) {
      hash = Math.imul(hash ^ words[i]!, 0x01000193);
    }
  }
  return hash;
}

function sameState(
  a: Record<string, Tensor>,
  b: Record<string, Tensor>,
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => {
    const [x, y] = [a[name]!, b[name]];
    if (y === undefined || x.dtype !== y.dtype || x.size !== y.size) {
      return false;
    }
    const other = y.data();
    return x.data().every((value: unknown, i: number) => value === other[i]);
  });
}
