/** Regions of the plane where a sampled field is above zero. */

/** Numbers at the corners of a grid's cells, row by row. */
export interface Field {
  /** One number a corner: `values[row * columns + column]`. */
  values: Float64Array;
  /** Corners in a row. */
  columns: number;
  /** Rows of corners. */
  rows: number;
}

/** A region and its border, as the `d` of SVG paths. */
export interface Region {
  /** The region as a closed outline of pieces. */
  area: string;
  /** The border inside of the field, without the field's own edges. */
  border: string;
}

/**
 * The region where a field, taken to be linear along the cells' edges, is at
 * least zero: marching squares. `atX` and `atY` place columns and rows.
 */
export function regionOf(
  field: Field,
  atX: (column: number) => number,
  atY: (row: number) => number,
): Region {
  const { values, columns, rows } = field;
  const area: string[] = [];
  const border: string[] = [];
  const place = (column: number, row: number) =>
    `${tenth(atX(column))} ${tenth(atY(row))}`;
  for (let row = 0; row + 1 < rows; row++) {
    // Whole cells beside each other are one rectangle.
    let start = -1;
    const flush = (end: number) => {
      if (start < 0) return;
      const [left, right] = [tenth(atX(start)), tenth(atX(end))];
      area.push(
        `M${left} ${tenth(atY(row))}H${right}V${tenth(atY(row + 1))}H${left}z`,
      );
      start = -1;
    };
    for (let column = 0; column + 1 < columns; column++) {
      const at = row * columns + column;
      // Around the cell: its corners with their numbers.
      const corners: [x: number, y: number, value: number][] = [
        [column, row, values[at]!],
        [column + 1, row, values[at + 1]!],
        [column + 1, row + 1, values[at + columns + 1]!],
        [column, row + 1, values[at + columns]!],
      ];
      const inside = corners.filter(([, , value]) => value >= 0).length;
      if (inside === 4) {
        if (start < 0) start = column;
        continue;
      }
      flush(column);
      if (inside === 0) continue;
      const outline: string[] = [];
      const crossings: string[] = [];
      for (const [i, from] of corners.entries()) {
        const to = corners[(i + 1) % 4]!;
        if (from[2] >= 0) outline.push(place(from[0], from[1]));
        if ((from[2] >= 0) === (to[2] >= 0)) continue;
        const t = crossing(from[2], to[2]);
        const point = place(
          from[0] + t * (to[0] - from[0]),
          from[1] + t * (to[1] - from[1]),
        );
        outline.push(point);
        crossings.push(point);
      }
      area.push(`M${outline.join("L")}z`);
      // The border goes from where the outline leaves the region's corners to
      // where it comes to the next one.
      if (!(corners[0]![2] >= 0)) crossings.push(crossings.shift()!);
      for (let i = 0; i + 1 < crossings.length; i += 2) {
        border.push(`M${crossings[i]}L${crossings[i + 1]}`);
      }
    }
    flush(columns - 1);
  }
  return { area: area.join(""), border: border.join("") };
}

/** Where between two corners, 0 to 1, the field is zero. */
function crossing(from: number, to: number): number {
  const t = from / (from - to);
  return Number.isFinite(t) ? t : 0.5; // beside an infinity
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
