/** Which checkpoint to go on from: the newest that is intact. */

import { type KernelBuild, kernelBuild } from "@fdunn/tensor/kernels";
import {
  type CheckpointProgress,
  DamagedCheckpointError,
  loadCheckpoint,
  readCheckpointHeader,
} from "./checkpoint_file.ts";
import { fileSystem, pathModule } from "../files/file_system.ts";

/** How the files of checkpoints end. */
export const CHECKPOINT_ENDING = ".safetensors";
/** Where a run folder keeps its checkpoints. */
export const CHECKPOINT_FOLDER = "checkpoints";

/** A checkpoint that is intact. */
export interface FoundCheckpoint<State> {
  /** Its file. */
  path: string;
  /** What is in it. */
  state: State;
  /** Of checkpoints that are not intact, and of kernels that are others. */
  warnings: string[];
}

/** A file that may be a checkpoint; without progress it is damaged. */
interface Candidate {
  path: string;
  progress: CheckpointProgress | null;
}

/**
 * Reads a checkpoint, or the newest in a folder, or in the folder `checkpoints`
 * of a run folder. Where it is damaged, the one before is taken, and the next
 * one before, with a warning each. Where other kernels made it than compute
 * now, a warning says so.
 *
 * @throws Error when none is there, or none is intact.
 */
export function findCheckpoint<State = unknown>(
  path: string,
): FoundCheckpoint<State> {
  const candidates = candidatesFor(path);
  if (candidates.length === 0) {
    throw new Error(`There is no checkpoint in ${path} to go on from`);
  }
  const damaged: string[] = [];
  for (const { path } of candidates) {
    try {
      const state = loadCheckpoint<State>(path);
      const warnings = damaged.map((why) => `${why}: going on from ${path}`);
      warnings.push(...otherKernels(path));
      return { path, state, warnings };
    } catch (error) {
      if (!isDamage(error)) throw error;
      damaged.push(`The checkpoint ${path} is damaged (${error.message})`);
    }
  }
  throw new Error(`${damaged.join("; ")}: no intact one is left in its folder`);
}

/** That a checkpoint was made by kernels which round otherwise, if it was. */
function otherKernels(path: string): string[] {
  const then = readCheckpointHeader(path)?.kernels ?? null;
  const now = kernelBuild();
  if (then === null || (then.build === now.build && then.abi === now.abi)) {
    return [];
  }
  const words = ({ build, abi }: KernelBuild) => `${build}, ABI ${abi}`;
  return [
    `The checkpoint ${path} was made with other kernels (${
      words(then)
    }) than go on from it (${
      words(now)
    }): the last bits of results may differ from those of a training that was not interrupted`,
  ];
}

/** Whether a folder, or a run folder, has anything like a checkpoint. */
export function hasCheckpoint(folder: string): boolean {
  return fileSystem().existsSync(folder) && candidatesFor(folder).length > 0;
}

/** Whether a file is a checkpoint as it was written. */
export function isIntact(path: string): boolean {
  try {
    loadCheckpoint(path);
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

function isDamage(error: unknown): error is Error {
  // Safetensors says RangeError of what it cannot read.
  return error instanceof DamagedCheckpointError || error instanceof RangeError;
}

/** The files to try, one after the other. */
function candidatesFor(path: string): Candidate[] {
  const fs = fileSystem();
  const { dirname, join } = pathModule();
  if (!fs.existsSync(path)) {
    throw new Error(`There is no file or folder ${path} to go on from`);
  }
  if (fs.statSync(path).isDirectory()) {
    const inner = join(path, CHECKPOINT_FOLDER);
    return sorted([
      ...listed(path),
      ...fs.existsSync(inner) ? listed(inner) : [],
    ]);
  }
  const first = candidate(path);
  const reached = first?.progress ?? null;
  const others = listed(dirname(path)).filter((other) =>
    !isSame(other.path, path) &&
    // Not one that came later, as far as the damaged one still says.
    (reached === null || other.progress === null ||
      compare(other.progress, reached) <= 0)
  );
  return [first ?? { path, progress: null }, ...sorted(others)];
}

/** The checkpoints in a folder; other safetensors files are left out. */
function listed(folder: string): Candidate[] {
  return fileSystem().readdirSync(folder)
    .filter((name) => name.endsWith(CHECKPOINT_ENDING))
    .map((name) => candidate(pathModule().join(folder, name)))
    .filter((found) => found !== null);
}

/** Null for a safetensors file that is something else. */
function candidate(path: string): Candidate | null {
  try {
    const header = readCheckpointHeader(path);
    return header === null ? null : { path, progress: header.progress };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { path, progress: null };
  }
}

function isSame(a: string, b: string): boolean {
  const { resolve } = pathModule();
  return resolve(a) === resolve(b);
}

/** From the newest; those that say nothing come first, to be warned of. */
function sorted(candidates: Candidate[]): Candidate[] {
  return candidates.sort((a, b) =>
    a.progress === null || b.progress === null
      ? Number(b.progress === null) - Number(a.progress === null)
      : compare(b.progress, a.progress)
  );
}

function compare(a: CheckpointProgress, b: CheckpointProgress): number {
  return a.epochs - b.epochs || a.batches - b.batches;
}
