/** Checkpoints as files: written as a whole, checked when read. */

import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
import { type KernelBuild, kernelBuild } from "@fdunn/tensor/kernels";
import { fileSystem, sha256 } from "../files/file_system.ts";
import { replaceFile } from "../files/replace_file.ts";
import { packState, unpackState } from "./plain_state.ts";

/**
 * What this program writes, and the newest that it reads. A reader passes over
 * keys that it does not know, so only what old readers would misread needs a
 * new number.
 */
const VERSION = 1;
const FORMAT = "fdunn-checkpoint";

/** The digest stands at the same place of each file: it comes first. */
const BEFORE_DIGEST = '{"__metadata__":{"sha256":"';
const DIGEST_AT = 8 + BEFORE_DIGEST.length;
const DIGEST_LENGTH = 64;
const NO_DIGEST = "0".repeat(DIGEST_LENGTH);

/** How far a training had come. */
export interface CheckpointProgress {
  /** Whole epochs. */
  epochs: number;
  /** Batches of the epoch behind them. */
  batches: number;
}

/** What a checkpoint says of itself, without its tensors. */
export interface CheckpointHeader {
  /** The format's version. */
  version: number;
  /** How far the training had come. */
  progress: CheckpointProgress;
  /** The kernels that it was trained with; null where it does not say. */
  kernels: KernelBuild | null;
}

/** A file is no intact checkpoint. */
export class DamagedCheckpointError extends Error {
  /** The error's name. */
  override readonly name: string = "DamagedCheckpointError";
}

/**
 * A checkpoint's bytes: a safetensors file. Its tensors are the state's, under
 * names such as `model.conv1.weight`; all else is JSON in its metadata, with
 * the SHA-256 of the file, in which the digest itself counts as zeros, and the
 * build of the kernels that computed it.
 *
 * @throws TypeError for what a state cannot keep.
 */
export function encodeCheckpoint(
  state: unknown,
  progress: CheckpointProgress = { epochs: 0, batches: 0 },
): Uint8Array {
  const { json, tensors } = packState(state);
  const bytes = saveSafetensors(tensors, {
    sha256: NO_DIGEST,
    format: FORMAT,
    version: String(VERSION),
    progress: JSON.stringify(progress),
    kernels: JSON.stringify(kernelBuild()),
    state: json,
  });
  const digest = new TextEncoder().encode(sha256(bytes));
  bytes.set(digest, DIGEST_AT);
  return bytes;
}

/**
 * The state in a checkpoint's bytes.
 *
 * @throws DamagedCheckpointError when the bytes are not as they were written,
 * or were written by a newer version.
 */
export function decodeCheckpoint(bytes: Uint8Array): unknown {
  const stored = digestOf(bytes);
  const [before, behind] = [DIGEST_AT, DIGEST_AT + DIGEST_LENGTH];
  const digest = sha256(
    bytes.subarray(0, before),
    new TextEncoder().encode(NO_DIGEST),
    bytes.subarray(behind),
  );
  if (digest !== stored) throw new DamagedCheckpointError(CHANGED);
  const { tensors, metadata } = loadSafetensors(bytes);
  checkHeader(metadata);
  return unpackState({ json: metadata.state ?? "null", tensors });
}

const CHANGED = "its bytes do not have the checksum that it was written with";

function digestOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(
    bytes.subarray(8, DIGEST_AT + DIGEST_LENGTH),
  );
  if (!text.startsWith(BEFORE_DIGEST)) {
    throw new DamagedCheckpointError("it does not begin as a checkpoint does");
  }
  return text.slice(BEFORE_DIGEST.length);
}

function checkHeader(metadata: Record<string, string>): CheckpointHeader {
  const { format, version, progress, kernels } = metadata;
  if (format !== FORMAT) {
    throw new DamagedCheckpointError(`its format is not "${FORMAT}"`);
  }
  if (!(Number(version) <= VERSION)) {
    throw new DamagedCheckpointError(
      `a newer fdunn wrote it: format ${version}, this one reads up to ${VERSION}`,
    );
  }
  return {
    version: Number(version),
    progress: JSON.parse(progress ?? "{}"),
    kernels: JSON.parse(kernels ?? "null"),
  };
}

/**
 * What a checkpoint file says of itself; nothing else of it is read or checked.
 * Null for a safetensors file that is no checkpoint.
 *
 * @throws DamagedCheckpointError when it says nothing.
 */
export function readCheckpointHeader(path: string): CheckpointHeader | null {
  const fs = fileSystem();
  const file = fs.openSync(path, "r");
  try {
    const length = new Uint8Array(8);
    fs.readSync(file, length, 0, 8, 0);
    const view = new DataView(length.buffer);
    const size = Number(view.getBigUint64(0, true));
    if (!(size <= fs.fstatSync(file).size)) {
      throw new DamagedCheckpointError("it is too short");
    }
    const text = new Uint8Array(size);
    fs.readSync(file, text, 0, size, 8);
    const header = JSON.parse(new TextDecoder().decode(text));
    const metadata = header?.__metadata__;
    return metadata?.format === undefined ? null : checkHeader(metadata);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new DamagedCheckpointError("its header is not JSON");
  } finally {
    fs.closeSync(file);
  }
}

/**
 * Writes a state, nested data with tensors, into a checkpoint file: as a whole
 * or not at all, so that a crash leaves the file that was there.
 *
 * ```ts ignore
 * saveCheckpoint("last.safetensors", {
 *   model: model.stateDict(),
 *   optimizer: optimizer.stateDict(),
 *   random: randomState(),
 *   loader: loader.state(),
 *   epoch,
 * });
 * ```
 *
 * @throws TypeError for what a state cannot keep.
 */
export function saveCheckpoint(
  path: string,
  state: unknown,
  progress?: CheckpointProgress,
): void {
  replaceFile(path, encodeCheckpoint(state, progress));
}

/**
 * Reads the state from a checkpoint file.
 *
 * @throws DamagedCheckpointError when the file is not as it was written.
 */
export function loadCheckpoint<State = unknown>(path: string): State {
  return decodeCheckpoint(fileSystem().readFileSync(path)) as State;
}
