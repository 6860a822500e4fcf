/** Shapes: sizes, broadcasting, axes, strides. */

/** The sizes of a tensor's axes, outermost first; a scalar has none. */
export type Shape = readonly number[];

/** The number of elements of a shape: the product of its sizes. */
export function sizeOf(shape: Shape): number {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
}

/** `[2, 3]`, as every message shows a shape. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Throws unless every size is a whole number of at least 0. */
export function checkShape(op: string, shape: Shape): void {
  for (let i = 0; i < shape.length; i++) {
    const size = shape[i]!;
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new RangeError(
        `${op}() got shape ${
          formatShape(shape)
        }: sizes must be whole numbers of at least 0`,
      );
    }
  }
}

/** An axis counted from either end, as a position from 0; throws outside. */
export function checkAxis(op: string, axis: number, rank: number): number {
  const position = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(axis) || position < 0 || position >= rank) {
    throw new RangeError(
      rank === 0
        ? `${op}() got dim ${axis}, but a scalar has no dims`
        : `${op}() got dim ${axis}, expected ${-rank} to ${rank - 1}`,
    );
  }
  return position;
}

/**
 * Axes given as one, several or none (all), sorted from 0. As in PyTorch an
 * empty list means all, and a scalar takes dim 0 and -1.
 */
export function checkAxes(
  op: string,
  axes: number | readonly number[] | null | undefined,
  rank: number,
): number[] {
  if (typeof axes === "number") {
    if (rank === 0 && (axes === 0 || axes === -1)) return [];
    return [checkAxis(op, axes, rank)];
  }
  if (axes === null || axes === undefined || axes.length === 0) {
    const all: number[] = [];
    for (let i = 0; i < rank; i++) all.push(i);
    return all;
  }
  const sorted = axes.map((axis) => checkAxis(op, axis, rank))
    .sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) {
    if (sorted[i] === sorted[i - 1]) {
      throw new RangeError(`${op}() got dim ${sorted[i]} more than once`);
    }
  }
  return sorted;
}

/**
 * The common shape of two operands: sizes are compared from the last axis on,
 * and a size of 1 stretches.
 */
export function broadcastShapes(op: string, a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let i = 1; i <= rank; i++) {
    const x = i <= a.length ? a[a.length - i]! : 1;
    const y = i <= b.length ? b[b.length - i]! : 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new RangeError(
        `Cannot broadcast ${formatShape(a)} with ${
          formatShape(b)
        } in ${op}(): sizes ${x} and ${y} at dim ${-i} must be equal, or one of them 1`,
      );
    }
    shape[rank - i] = x === 1 ? y : x;
  }
  return shape;
}

/** Row-major strides, in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= shape[i]!;
  }
  return strides;
}

/** A shape without some axes, or with 1 in their place. */
export function reducedShape(
  shape: Shape,
  axes: readonly number[],
  keepdim: boolean,
): number[] {
  const reduced: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!axes.includes(i)) reduced.push(shape[i]!);
    else if (keepdim) reduced.push(1);
  }
  return reduced;
}
