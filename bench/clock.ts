/** How long a call takes, for the programs here that print their own figures. */

/** The median time of a call in seconds, measured as long after a warm-up. */
export function medianSeconds(work: () => unknown, seconds = 0.25): number {
  const timed: number[] = [];
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let calls = 1; // between two looks at the clock
  while (elapsed() < 2 * seconds || timed.length < 3) {
    const begin = performance.now();
    for (let i = 0; i < calls; i++) work();
    const took = (performance.now() - begin) / 1000;
    if (elapsed() > seconds) timed.push(took / calls);
    else if (took < 0.005) calls *= 2;
  }
  return timed.sort((a, b) => a - b)[timed.length >> 1]!;
}

/**
 * The least time of a call in seconds, of many short rounds: what it takes
 * where nothing else runs, as `probe` counts.
 */
export function leastSeconds(work: () => unknown, seconds = 0.25): number {
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  let [calls, least] = [1, Infinity];
  while (elapsed() < seconds) {
    const begin = performance.now();
    for (let i = 0; i < calls; i++) work();
    const took = (performance.now() - begin) / 1000;
    least = Math.min(least, took / calls);
    if (took < 0.0003) calls *= 2;
  }
  return least;
}
