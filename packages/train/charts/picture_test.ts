import { arange, tensor, zeros } from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { filterChart } from "./filter_chart.ts";
import { pictureGrid } from "./picture_grid.ts";
import { dataUri, encodePng } from "./png.ts";

/** A PNG's size and pixels, read by the format's rules and zlib. */
async function decodePng(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset);
  assertEquals([...file.subarray(0, 8)], [137, 80, 78, 71, 13, 10, 26, 10]);
  const chunks: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (let at = 8; at < file.length;) {
    const length = view.getUint32(at);
    const name = new TextDecoder().decode(file.subarray(at + 4, at + 8));
    chunks[name] = file.slice(at + 8, at + 8 + length);
    assertEquals(
      view.getUint32(at + 8 + length),
      crc32(file.subarray(at + 4, at + 8 + length)),
      name,
    );
    at += length + 12;
  }
  const head = new DataView(chunks.IHDR!.buffer);
  const [width, height] = [head.getUint32(0), head.getUint32(4)];
  const channels = chunks.IHDR![9] === 2 ? 3 : 1;
  const stream = new Blob([chunks.IDAT!]).stream()
    .pipeThrough(new DecompressionStream("deflate")); // checks Adler-32
  const rows = new Uint8Array(await new Response(stream).arrayBuffer());
  const line = width * channels + 1;
  const pixels: number[] = [];
  for (let y = 0; y < height; y++) {
    assertEquals(rows[y * line], 0);
    pixels.push(...rows.subarray(y * line + 1, (y + 1) * line));
  }
  assertEquals(rows.length, line * height);
  return { width, height, channels, pixels };
}

/** CRC-32 bit by bit, as the standard defines it. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return ~crc >>> 0;
}

const fromUri = (uri: string) =>
  Uint8Array.from(atob(uri.split(",")[1]!), (c) => c.charCodeAt(0));

Deno.test("encodePng() writes files that zlib reads", async () => {
  // The last has more than one stored block.
  for (const [width, height] of [[1, 1], [3, 2], [200, 150]] as const) {
    for (const channels of [1, 3] as const) {
      const pixels = Uint8Array.from(
        { length: width * height * channels },
        (_, i) => i * 7,
      );
      const read = await decodePng(
        encodePng(pixels, { width, height, channels }),
      );
      assertEquals(read, { width, height, channels, pixels: [...pixels] });
    }
  }
});

Deno.test("dataUri() keeps all bytes of long files", () => {
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i * 31);
  assertEquals(fromUri(dataUri("image/png", bytes)), bytes);
});

Deno.test("pictureGrid() keeps pixels and captions", async () => {
  const images = arange(24).reshape([2, 3, 2, 2]).div(23);
  const svg = pictureGrid(images, ["a <b>", "two\nlines"], { title: "x & y" });
  assertStringIncludes(svg, "a &#60;b&#62;");
  assertStringIncludes(svg, ">two<");
  assertStringIncludes(svg, ">lines<");
  assertStringIncludes(svg, "x &#38; y");
  const uris = [...svg.matchAll(/href="([^"]*)"/g)].map(([, uri]) => uri!);
  assertEquals(uris.length, 2);
  const first = await decodePng(fromUri(uris[0]!));
  const byte = (i: number) => Math.round(i / 23 * 255);
  // Channels are innermost in the file, and outermost in the tensor.
  assertEquals(first, {
    width: 2,
    height: 2,
    channels: 3,
    pixels: [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11].map(byte),
  });
});

Deno.test("pictureGrid() takes other ranges, rows, and nothing at all", async () => {
  const images = tensor([-1, 0, 1, NaN]).reshape([1, 1, 2, 2]);
  const [, uri] = /href="([^"]*)"/.exec(pictureGrid(images, ["a"]))!;
  assertEquals((await decodePng(fromUri(uri!))).pixels, [0, 128, 255, 0]);
  const options = { range: [0, 2], columns: 1 } as const;
  const svg = pictureGrid(images, ["a"], options);
  const [, other] = /href="([^"]*)"/.exec(svg)!;
  assertEquals((await decodePng(fromUri(other!))).pixels, [0, 0, 128, 0]);
  assertStringIncludes(pictureGrid(zeros([0, 1, 2, 2]), []), ">none<");
  const heightOf = (columns: number) =>
    Number(
      /height="(\d+)"/.exec(
        pictureGrid(zeros([4, 1, 2, 2]), ["", "", "", ""], { columns }),
      )![1],
    );
  assert(heightOf(1) > 2 * heightOf(4));
});

Deno.test("pictureGrid() refuses what it cannot draw", () => {
  assertThrows(
    () => pictureGrid(zeros([2, 2, 4, 4]), ["", ""]),
    RangeError,
    "got images [2, 2, 4, 4] and 2 captions",
  );
  assertThrows(() => pictureGrid(zeros([2, 1, 4, 4]), [""]), RangeError);
  const one = zeros([1, 1, 2, 2]);
  assertThrows(() => pictureGrid(one, [""], { columns: 0 }), RangeError);
  assertThrows(() => pictureGrid(one, [""], { range: [1, 1] }), RangeError);
});

Deno.test("filterChart() tells signs by colour and sizes by strength", () => {
  const weights = tensor([-1, 0, 0.5, 0.25]).reshape([1, 1, 2, 2]);
  const svg = filterChart(weights, { title: "<conv>" });
  assertStringIncludes(svg, "&#60;conv&#62;");
  assertStringIncludes(svg, "1 of 2 × 2, 1 channel<");
  assertStringIncludes(svg, "+1.0");
  // Of the scale's shades are those that the weights have, too.
  const squares = (look: string) => {
    const [, path] = new RegExp(`${look}" shape[^>]* d="([^"]*)"`).exec(
      svg.slice(svg.indexOf(">0</text>")),
    )!;
    return path!.match(/M/g)!.length;
  };
  assertEquals(squares(`#0072b2" fill-opacity="1`), 1);
  assertEquals(squares(`#d55e00" fill-opacity="0.5`), 1);
  assertEquals(squares(`#d55e00" fill-opacity="0.25`), 1);
});

Deno.test("filterChart() draws channels, zeros and what is no number", () => {
  const svg = filterChart(zeros([5, 3, 3, 3]));
  const [, frames] = /<path class="axis" d="([^"]*)"/.exec(svg)!;
  assertEquals(frames!.match(/M/g)!.length, 15);
  const odd = filterChart(tensor([NaN, Infinity, 1, -1]).reshape([1, 1, 2, 2]));
  assert(!/NaN|Infinity/.test(odd));
  assertThrows(
    () => filterChart(zeros([3, 3])),
    RangeError,
    "got weights [3, 3]",
  );
  assertThrows(() => filterChart(zeros([0, 1, 3, 3])), RangeError);
});
