import { zeros } from "@fdunn/tensor";
import {
  ReduceLROnPlateau,
  type ReduceLROnPlateauOptions,
  SGD,
} from "@fdunn/optim";
import { assertEquals, assertThrows } from "@std/assert";

/** The rate after each of the metrics. */
function rates(
  metrics: number[],
  options: ReduceLROnPlateauOptions,
): number[] {
  const optimizer = new SGD([zeros([1])], { lr: 1 });
  const schedule = new ReduceLROnPlateau(optimizer, {
    factor: 0.5,
    ...options,
  });
  return metrics.map((metric) => {
    schedule.step(metric);
    return optimizer.paramGroups[0]!.lr;
  });
}

Deno.test("ReduceLROnPlateau waits for its patience to end", () => {
  assertEquals(rates([5, 4, 4, 4, 4, 4, 4], { patience: 1 }), [
    ...[1, 1, 1, 0.5, 0.5, 0.25, 0.25],
  ]);
  assertEquals(rates([5, 5, 4, 4, 3], { patience: 1 }), [1, 1, 1, 1, 1]);
});

Deno.test("ReduceLROnPlateau knows max, thresholds and NaN", () => {
  const max = { mode: "max", patience: 0 } as const;
  assertEquals(rates([1, 2, 2, 3], max), [1, 1, 0.5, 0.5]);
  const absolute = { patience: 0, threshold: 1, thresholdMode: "abs" } as const;
  assertEquals(rates([5, 4.5, 3.9], absolute), [1, 0.5, 0.5]);
  assertEquals(rates([NaN, NaN, 1], { patience: 0 }), [0.5, 0.25, 0.25]);
  assertEquals(rates([Infinity, 1, 0.5], { patience: 0 }), [0.5, 0.5, 0.5]);
});

Deno.test("ReduceLROnPlateau cools down, and stops at minLr", () => {
  assertEquals(rates([1, 1, 1, 1, 1], { patience: 0, cooldown: 1 }), [
    ...[1, 0.5, 0.5, 0.25, 0.25],
  ]);
  assertEquals(rates([1, 1, 1, 1], { patience: 0, minLr: 0.4 }), [
    ...[1, 0.5, 0.4, 0.4],
  ]);
});

Deno.test("ReduceLROnPlateau continues from a state", () => {
  const optimizer = new SGD([zeros([1])], { lr: 1 });
  const first = new ReduceLROnPlateau(optimizer, { patience: 1 });
  first.step(1);
  first.step(1);
  const second = new ReduceLROnPlateau(optimizer, { patience: 1 });
  second.loadStateDict(first.stateDict());
  second.step(1);
  assertEquals(second.getLastLr(), [0.1]);
  assertThrows(
    () => new ReduceLROnPlateau(optimizer, { factor: 1 }),
    RangeError,
    "factor 1",
  );
});
