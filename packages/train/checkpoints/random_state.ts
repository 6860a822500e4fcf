/** The state of random streams, with all those derived from them. */

import {
  defaultGenerator,
  Generator,
  type GeneratorState,
} from "@fdunn/tensor";

/** A generator's place, and that of its named streams. */
export interface RandomState extends GeneratorState {
  /** By name, each with streams of its own. */
  streams: Record<string, RandomState>;
}

/**
 * The place of a generator and of all its streams, as plain data.
 *
 * ```ts
 * import { loadRandomState, randomState } from "@fdunn/train";
 * import { manualSeed, rand, streamFor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * manualSeed(1);
 * const noise = () => rand([2], { generator: streamFor("noise") }).toArray();
 * noise();
 * const state = randomState();
 * const next = noise();
 * loadRandomState(state);
 * assertEquals(noise(), next);
 * ```
 */
export function randomState(
  generator: Generator = defaultGenerator,
): RandomState {
  const streams: Record<string, RandomState> = {};
  for (const name of Object.keys(generator.streamStates())) {
    streams[name] = randomState(generator.stream(name));
  }
  return { ...generator.state(), streams };
}

/**
 * Continues from a place; a stream that was not in use then begins anew, as it
 * would have.
 */
export function loadRandomState(
  state: RandomState,
  generator: Generator = defaultGenerator,
): void {
  const { streams, ...own } = state;
  generator.loadState(own);
  const names = Object.keys(generator.streamStates());
  // Streams are derived from the key, which only a new generator still does.
  const fresh = new Generator();
  fresh.loadState(own);
  for (const name of new Set([...names, ...Object.keys(streams)])) {
    const place = streams[name] ?? randomState(fresh.stream(name));
    loadRandomState(place, generator.stream(name));
  }
}
