/**
 * What all charts share: the page, its words, and colours that people tell
 * apart on light and dark pages, in print, and whatever colours they see.
 */

/** Colours on light and on dark pages; Okabe and Ito, 2008. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#e69f00"],
  ["#009e73", "#2fc49a"],
  ["#cc79a7", "#e19bc2"],
  ["#56b4e9", "#0090e0"],
  ["#e69f00", "#f0e442"],
];

// Not every renderer knows custom properties or media queries, so every
// colour is written out, and those of light pages are attributes.
const STYLE: string = `text{font-family:system-ui,sans-serif}` +
  `@media(prefers-color-scheme:dark){` +
  `.page{fill:#0d1117}.ink{fill:#e6edf3}.quiet{fill:#9da7b1}` +
  `.grid{stroke:#2b323b}.axis{stroke:#768390}.border{stroke:#e6edf3}` +
  `.rim{stroke:#0d1117}.onfill{fill:#0d1117}` +
  COLOURS.map(([, dark], i) =>
    `.line${i}{stroke:${dark}}.mark${i}{fill:${dark}}`
  ).join("") + `}`;

/** What a drawing is put on. */
export interface Page {
  /** The heading. */
  title: string;
  /** A line under the heading. */
  subtitle?: string | undefined;
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  /** Where the heading begins. */
  left: number;
}

/** A complete SVG document. */
export function svgDocument(page: Page, parts: readonly string[]): string {
  const { title, subtitle, left } = page;
  const [width, height] = [round(page.width), round(page.height)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${STYLE}</style>`,
    `<rect class="page" width="${width}" height="${height}" fill="#ffffff"/>`,
    svgText(left, 28, title, "ink", `font-size="17" font-weight="600"`),
    ...subtitle === undefined
      ? []
      : [svgText(left, 48, subtitle, "quiet", `font-size="13"`)],
    ...parts,
  ].join("\n") + "\n</svg>\n";
}

/** The colours that words may have on light pages. */
const INKS = { ink: "#1f2328", quiet: "#59636e", onfill: "#ffffff" } as const;

/** Words at a place; `onfill` is for strongly filled ground. */
export function svgText(
  x: number,
  y: number,
  content: string,
  kind: keyof typeof INKS,
  attributes: string,
): string {
  return `<text class="${kind}" x="${round(x)}" y="${round(y)}" fill="${
    INKS[kind]
  }" ${attributes}>${escapeMarkup(content)}</text>`;
}

/** A straight line of an axis or a grid. */
export function segment(
  kind: "axis" | "grid",
  x1: number,
  y1: number,
  x2: number,
  y2: number,
): string {
  const colour = kind === "axis" ? "#6b7580" : "#e3e7eb";
  return `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${colour}"/>`;
}

/** Attributes that fill with a series' colour. */
export function fillOf(index: number): string {
  return `class="mark${index % COLOURS.length}" fill="${lightOf(index)}"`;
}

/** Attributes that stroke with a series' colour. */
export function strokeOf(index: number): string {
  return `class="line${index % COLOURS.length}" stroke="${lightOf(index)}"`;
}

function lightOf(index: number): string {
  return COLOURS[index % COLOURS.length]![0];
}

/** The outline of a disc, square, triangle or diamond around a point. */
export function markerPath(
  index: number,
  x: number,
  y: number,
  scale = 1,
): string {
  const n = (pixels: number) => round(pixels * scale);
  switch (index % 4) {
    case 0: {
      const arc = `a${n(3.5)} ${n(3.5)} 0 1 0`;
      return `M${round(x - n(3.5))} ${round(y)}${arc} ${n(7)} 0${arc}-${
        n(7)
      } 0z`;
    }
    case 1:
      return `M${round(x - n(3.2))} ${round(y - n(3.2))}h${n(6.4)}v${n(6.4)}h-${
        n(6.4)
      }z`;
    case 2:
      return `M${round(x)} ${round(y - n(4.4))}l${n(4.2)} ${n(7.4)}h-${
        n(8.4)
      }z`;
    default: {
      const side = n(4.6);
      return `M${round(x)} ${
        round(y - side)
      }l${side} ${side}-${side} ${side}-${side}-${side}z`;
    }
  }
}

/** A series' own marker: lines differ without colours, too. */
export function marker(index: number, x: number, y: number): string {
  return `<path ${fillOf(index)} d="${markerPath(index, x, y)}"/>`;
}

/** How much of the page's height a row of the legend takes. */
const LEGEND_ROW = 20;

/** Names with their markers, in as many rows as they need. */
export interface Legend {
  /** The drawing, with its first row at the given height. */
  parts: string[];
  /** Pixels that rows after the first take. */
  extra: number;
}

/** Lays out a legend between two sides; with `lines`, markers sit on lines. */
export function legend(
  names: readonly string[],
  box: { left: number; right: number; top: number },
  lines: boolean,
): Legend {
  const parts: string[] = [];
  const room = lines ? 28 : 16;
  let x = box.left;
  let y = box.top;
  for (const [i, name] of names.entries()) {
    const width = room + textWidth(name, 13);
    if (x > box.left && x + width > box.right) {
      x = box.left;
      y += LEGEND_ROW;
    }
    if (lines) {
      parts.push(
        `<line ${strokeOf(i)} x1="${round(x)}" y1="${y}" x2="${
          round(x + 22)
        }" y2="${y}" stroke-width="2"/>`,
      );
    }
    parts.push(
      marker(i, x + (lines ? 11 : 5), y),
      svgText(x + room, y + 4, name, "ink", `font-size="13"`),
    );
    x += width + 22;
  }
  return { parts, extra: y - box.top };
}

/** About how wide words are, in pixels, in a wide font without serifs. */
export function textWidth(content: string, size: number): number {
  let units = 0;
  for (const c of content) {
    units += /[ijlftrI.,:;'|!()[\] ]/.test(c)
      ? 0.38
      : /[mwA-Z%@]/.test(c)
      ? 0.8
      : 0.61;
  }
  return units * size;
}

/** A coordinate with as many digits as are seen. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Text that is no markup, in elements and in quoted attributes. */
export function escapeMarkup(content: string): string {
  return content.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)
    // XML knows no other control characters, not even escaped.
    // deno-lint-ignore no-control-regex
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, "\ufffd");
}
