/**
 * What happens to a graph after its pass: its nodes become tombstones, and
 * their bytes are released when the next pass over the same leaves is done.
 */

import type { Retirement } from "./grad_slot.ts";
import type { OpNode } from "./op.ts";
import { countDown } from "./saved.ts";
import { releaseStorage, type Storage } from "./storage.ts";
import { ESCAPED, IN_GRAPH } from "./storage_state.ts";
import type { Tensor } from "./tensor.ts";

const NONE: readonly never[] = [];

/** Turns a walked node into a tombstone; its storages go onto the list. */
export function retireNode(node: OpNode, retirement: Retirement): void {
  countDown(node);
  if (node.owned !== null) join(node.owned, retirement);
  node.retired = true;
  node.inputs = NONE;
  node.clearOutputs();
  node.owned = null;
}

/** Puts a chain of storages before those of a retirement. */
function join(first: Storage, retirement: Retirement): void {
  if (retirement.first !== null) {
    let last = first;
    while (last.nextOwned !== null) last = last.nextOwned;
    last.nextOwned = retirement.first;
  }
  retirement.first = first;
}

/** Releases a chain of storages. */
function release(first: Storage | null): void {
  for (let storage = first; storage !== null;) {
    const next: Storage | null = storage.nextOwned;
    storage.nextOwned = null;
    storage.flags &= ~IN_GRAPH;
    if ((storage.flags & ESCAPED) === 0) releaseStorage(storage, "backward");
    storage = next;
  }
}

/**
 * Gives the leaves that a pass reached what it retired, in place of what an
 * earlier one had, which is released. An inner pass (one run by a hook) leaves
 * the release to the outermost one.
 */
export function replaceRetirements(
  leaves: readonly Tensor[],
  retirement: Retirement,
  outermost: boolean,
): void {
  for (let i = 0; i < leaves.length; i++) {
    const { slot } = leaves[i]!;
    const before = slot.retirement;
    slot.retirement = retirement;
    if (before === null || before.first === null) continue;
    if (outermost) release(before.first);
    else join(before.first, retirement);
    before.first = null;
  }
}
