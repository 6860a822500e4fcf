/** A line search that satisfies the strong Wolfe conditions. */

/** A point on the line: how far, the loss there, the slope along the line. */
export interface LinePoint<Gradient> {
  /** The step length. */
  t: number;
  /** The loss. */
  loss: number;
  /** The gradient. */
  gradient: Gradient;
  /** The derivative of the loss by the step length. */
  slope: number;
}

/** What bounds the search. */
export interface LineSearchLimits {
  /** How many points it may evaluate beyond the first. */
  maxIter: number;
  /** The bracket's least length, as a step of the parameter that moves most. */
  toleranceChange: number;
  /** The largest component of the direction. */
  largest: number;
}

/** Armijo's constant: the loss must fall by this part of the slope's promise. */
const C1 = 1e-4;
/** The curvature constant: the slope must flatten to this part. */
const C2 = 0.9;

/**
 * Finds a step length t with f(t) <= f(0) + c1 t f'(0) and
 * |f'(t)| <= c2 |f'(0)|: brackets such a point, then zooms in by cubic
 * interpolation. Nocedal and Wright, "Numerical optimization", 2006, algorithms
 * 3.5 and 3.6, with the safeguards of PyTorch's `_strong_wolfe`.
 *
 * `evaluate` computes the point at a step length; `start` is the point at 0, and
 * `t` the first guess. Returns the best point and how often it evaluated.
 */
export function strongWolfe<Gradient>(
  evaluate: (t: number) => LinePoint<Gradient>,
  start: LinePoint<Gradient>,
  t: number,
  limits: LineSearchLimits,
): { point: LinePoint<Gradient>; evaluations: number } {
  const { maxIter, toleranceChange, largest } = limits;
  const falls = (point: LinePoint<Gradient>) =>
    point.loss <= start.loss + C1 * point.t * start.slope;
  const flat = (point: LinePoint<Gradient>) =>
    Math.abs(point.slope) <= -C2 * start.slope;
  let current = evaluate(t);
  let evaluations = 1;
  let previous = start;
  // Two points that enclose a good one, the lower first; or a good one.
  let bracket: [LinePoint<Gradient>, LinePoint<Gradient>] | null = null;
  let iteration = 0;
  while (iteration < maxIter) {
    if (
      !falls(current) || (iteration > 1 && current.loss >= previous.loss)
    ) {
      bracket = [previous, current];
      break;
    }
    if (flat(current)) return { point: current, evaluations };
    if (current.slope >= 0) {
      bracket = [previous, current];
      break;
    }
    const low = current.t + 0.01 * (current.t - previous.t);
    const next = interpolate(previous, current, low, current.t * 10);
    previous = current;
    current = evaluate(next);
    evaluations++;
    iteration++;
  }
  if (bracket === null) bracket = [start, current];
  let [low, high] = bracket[0].loss <= bracket[1].loss
    ? bracket
    : [bracket[1], bracket[0]];
  let stuck = false;
  while (iteration < maxIter) {
    const [left, right] = [Math.min(low.t, high.t), Math.max(low.t, high.t)];
    if ((right - left) * largest < toleranceChange) break;
    let next = interpolate(low, high, left, right);
    // A guess beside the border twice in a row, or on it, goes inwards.
    const margin = 0.1 * (right - left);
    if (Math.min(right - next, next - left) < margin) {
      if (stuck || next >= right || next <= left) {
        next = Math.abs(next - right) < Math.abs(next - left)
          ? right - margin
          : left + margin;
        stuck = false;
      } else stuck = true;
    } else stuck = false;
    current = evaluate(next);
    evaluations++;
    iteration++;
    if (!falls(current) || current.loss >= low.loss) {
      high = current;
      if (low.loss > high.loss) [low, high] = [high, low];
      continue;
    }
    const done = flat(current);
    if (!done && current.slope * (high.t - low.t) >= 0) high = low;
    low = current;
    if (done) break;
  }
  return { point: low, evaluations };
}

/**
 * Where the cubic through two points with slopes is least, within bounds;
 * their middle where it has no minimum.
 */
function interpolate<Gradient>(
  a: LinePoint<Gradient>,
  b: LinePoint<Gradient>,
  low: number,
  high: number,
): number {
  const d1 = a.slope + b.slope - 3 * (a.loss - b.loss) / (a.t - b.t);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [l, r] = a.t <= b.t ? [a, b] : [b, a];
  const least = r.t -
    (r.t - l.t) * ((r.slope + d2 - d1) / (r.slope - l.slope + 2 * d2));
  return Math.min(Math.max(least, low), high);
}
