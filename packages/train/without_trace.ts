/** Work that leaves no trace in what a training draws later. */

import { loadRandomState, randomState } from "./random_state.ts";
import { isResumable, placeOf } from "./trainable.ts";

/**
 * Runs `f`, and puts the default generator and the loader back to where they
 * were.
 */
export async function withoutTrace<T>(
  data: unknown,
  f: () => Promise<T>,
): Promise<T> {
  const random = randomState();
  const place = placeOf(data);
  try {
    return await f();
  } finally {
    if (isResumable(data)) data.loadState(place as never);
    loadRandomState(random);
  }
}
