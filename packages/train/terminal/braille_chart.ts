/** Curves in a terminal: eight dots to a character. */

/** A curve in a terminal. */
export interface TextCurve {
  /** Its name. */
  name: string;
  /** Places, rising. */
  x: readonly number[];
  /** The figure at each; those that are not finite are gaps. */
  y: readonly number[];
}

/** Size and heading of a chart. */
export interface TextChartOptions {
  /** The heading. */
  title: string;
  /** Characters in a line. */
  width: number;
  /** Lines, with the heading and the marks of the places. */
  height: number;
}

/** The bit of each dot in a character of the block at U+2800: [column][row]. */
const DOTS: readonly (readonly number[])[] = [
  [0x01, 0x02, 0x04, 0x40],
  [0x08, 0x10, 0x20, 0x80],
];
const BLANK = 0x2800;
/** ANSI colours of the curves. */
const INKS: readonly number[] = [36, 33, 32, 35, 34, 31];
/** Columns for the figures' marks. */
const MARGIN = 9;

/**
 * Curves as lines of text, `height` of them and none wider than `width`.
 *
 * Each character stands for 2 x 4 dots (Unicode's Braille patterns).
 */
export function textChart(
  curves: readonly TextCurve[],
  options: TextChartOptions,
  colour: boolean,
): string[] {
  const { title, width, height } = options;
  const names = curves.length > 1 || curves[0]?.name !== title
    ? curves.map(({ name }, i) => painted(`━ ${name}`, i, colour)).join("  ")
    : "";
  const plain = curves.map(({ name }) => `━ ${name}`).join("  ");
  const room = width - title.length - 2;
  const head = names !== "" && plain.length <= room
    ? `${title}  ${names}`
    : title;
  const columns = Math.max(1, width - MARGIN);
  const rows = Math.max(1, height - 2);
  const frame = frameOf(curves);
  if (frame === null) {
    return [head.slice(0, width), ...Array(height - 1).fill("")];
  }
  const cells = new Uint8Array(columns * rows);
  const inks = new Int8Array(columns * rows);
  curves.forEach((curve, i) =>
    draw(curve, frame, { columns, rows, cells, inks, ink: i })
  );
  const lines = [head];
  for (let row = 0; row < rows; row++) {
    const mark = row === 0
      ? mark8(frame.top)
      : row === rows - 1
      ? mark8(frame.bottom)
      : " ".repeat(8);
    let line = "";
    for (let column = 0; column < columns; column++) {
      const at = row * columns + column;
      const dots = cells[at]!;
      const text = dots === 0 ? " " : String.fromCharCode(BLANK + dots);
      line += dots === 0 ? text : painted(text, inks[at]!, colour);
    }
    lines.push(`${mark}│${line}`);
  }
  const left = shortened(frame.left);
  const right = shortened(frame.right);
  const gap = Math.max(1, columns - left.length - right.length);
  const marks = left === right ? left : left + " ".repeat(gap) + right;
  lines.push((" ".repeat(MARGIN) + marks).slice(0, width));
  return lines;
}

interface Frame {
  left: number;
  right: number;
  bottom: number;
  top: number;
}

/** The least frame around all that is finite; null for nothing. */
function frameOf(curves: readonly TextCurve[]): Frame | null {
  let [left, right, bottom, top] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y } of curves) {
    for (let i = 0; i < x.length; i++) {
      if (!Number.isFinite(y[i]!)) continue;
      left = Math.min(left, x[i]!);
      right = Math.max(right, x[i]!);
      bottom = Math.min(bottom, y[i]!);
      top = Math.max(top, y[i]!);
    }
  }
  return left > right ? null : { left, right, bottom, top };
}

interface Canvas {
  columns: number;
  rows: number;
  cells: Uint8Array;
  inks: Int8Array;
  ink: number;
}

/** Sets the dots of a curve: in each column of dots the stretch it covers. */
function draw({ x, y }: TextCurve, frame: Frame, canvas: Canvas): void {
  const { columns, rows, cells, inks, ink } = canvas;
  const across = (2 * columns - 1) / (frame.right - frame.left || 1);
  const down = (4 * rows - 1) / (frame.top - frame.bottom || 1);
  const dot = (column: number, row: number): void => {
    const at = (row >> 2) * columns + (column >> 1);
    cells[at]! |= DOTS[column & 1]![row & 3]!;
    inks[at] = ink;
  };
  let before: [column: number, row: number] | null = null;
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(y[i]!)) {
      before = null;
      continue;
    }
    const column = Math.round((x[i]! - frame.left) * across);
    const row = Math.round((frame.top - y[i]!) * down);
    const [fromColumn, fromRow] = before ?? [column, row];
    const steps = Math.max(
      1,
      Math.abs(column - fromColumn),
      Math.abs(row - fromRow),
    );
    for (let k = 0; k <= steps; k++) {
      const part = k / steps;
      dot(
        Math.round(fromColumn + part * (column - fromColumn)),
        Math.round(fromRow + part * (row - fromRow)),
      );
    }
    before = [column, row];
  }
}

function painted(text: string, ink: number, colour: boolean): string {
  return colour ? `\x1b[${INKS[ink % INKS.length]}m${text}\x1b[0m` : text;
}

/** A number in at most eight characters, to the right. */
function mark8(value: number): string {
  return shortened(value).slice(0, 8).padStart(8);
}

function shortened(value: number): string {
  const text = String(Number(value.toPrecision(4)));
  return text.length <= 8 ? text : value.toExponential(1);
}
