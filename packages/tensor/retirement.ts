/**
 * What happens to a graph after its pass: its nodes become tombstones, and
 * their bytes are released when the next pass over the same leaves is done.
 */

import type { GradSlot, Retirement } from "./grad_slot.ts";
import type { OpNode } from "./op.ts";
import { countSaves } from "./saved.ts";
import { releaseStorage, type Storage } from "./storage.ts";

const NONE: readonly never[] = [];

/** Turns a walked node into a tombstone; its storages go onto the list. */
export function retireNode(node: OpNode, storages: Storage[]): void {
  countSaves(node, -1);
  for (const storage of node.owned) storages.push(storage);
  node.retired = true;
  node.inputs = NONE;
  node.outputs = NONE;
  node.owned = NONE;
}

function releaseRetired(storage: Storage): void {
  storage.inGraph = false;
  if (!storage.escaped) releaseStorage(storage, "backward");
}

/**
 * Gives the leaves that a pass reached what it retired, in place of what an
 * earlier one had, which is released. An inner pass (one run by a hook) leaves
 * the release to the outermost one.
 */
export function replaceRetirements(
  leaves: readonly GradSlot[],
  retirement: Retirement,
  outermost: boolean,
): void {
  for (const slot of leaves) {
    const before = slot.retirement;
    if (before !== null) {
      const { storages } = before;
      if (!outermost) retirement.storages.push(...storages);
      else {for (let i = 0; i < storages.length; i++) {
          releaseRetired(storages[i]!);
        }}
      before.storages = [];
    }
    slot.retirement = retirement;
  }
}
