import { assertEquals, assertRejects } from "@std/assert";
import { decodePicture } from "./picture_file.ts";

/** Files of 5 x 3 pixels that Pillow 13.0 has written, and what it reads. */
const FILES: Record<string, [base64: string, planes: number[][]]> = {
  "jpeg, chroma at half the size": [
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/2wBDAQcHBwoIChMKChMoGhYaKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCgoKCj/wAARCAADAAUDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAcEAACAgIDAAAAAAAAAAAAAAAAAQIFAwYEIUH/xAAVAQEBAAAAAAAAAAAAAAAAAAAEBf/EAB4RAAIBAwUAAAAAAAAAAAAAAAECAAMEBRQhIjFR/9oADAMBAAIRAxEAPwCZquv1Uq5OXBwt9eAAnW6K1JSRvF4+5raZOZ69M//Z",
    [
      [17, 42, 76, 106, 138, 40, 67, 102, 135, 167, 36, 64, 101, 136, 170],
      [23, 31, 29, 28, 31, 71, 80, 80, 82, 85, 117, 128, 130, 133, 138],
      [0, 0, 0, 5, 23, 0, 10, 31, 51, 73, 22, 42, 66, 90, 115],
    ],
  ],
  "jpeg, grey": [
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAYEBQYFBAYGBQYHBwYIChAKCgkJChQODwwQFxQYGBcUFhYaHSUfGhsjHBYWICwgIyYnKSopGR8tMC0oMCUoKSj/wAALCAADAAUBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAABf/EABwQAAEDBQAAAAAAAAAAAAAAAAECBQYAAwQhQf/aAAgBAQAAPwAyKx9qU3AqwbJOuV//2Q==",
    Array(3).fill(
      [13, 27, 38, 49, 62, 53, 68, 81, 94, 108, 82, 99, 114, 129, 145],
    ),
  ],
  "png": [
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAIAAADUVFKvAAAAHElEQVR4nGPkEmHQYEAgFgYbBgYGQTiC85UgCAAxhgH7ihvD/AAAAABJRU5ErkJggg==",
    [
      [10, 50, 90, 130, 170, 10, 50, 90, 130, 170, 10, 50, 90, 130, 170],
      [20, 20, 20, 20, 20, 80, 80, 80, 80, 80, 140, 140, 140, 140, 140],
      [0, 0, 0, 0, 0, 0, 17, 34, 51, 68, 0, 34, 68, 102, 136],
    ],
  ],
  "png, grey": [
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAAAAAB+XZokAAAAGklEQVR4nGPk5+Hh4WFR5uPj42NRFhAQEAAACM8BB1qYugEAAAAASUVORK5CYII=",
    Array(3).fill(
      [15, 27, 39, 51, 63, 50, 64, 78, 92, 106, 85, 101, 117, 133, 149],
    ),
  ],
  "png, a palette of four colours": [
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADAgMAAAAmWC1rAAAADFBMVEWCjGaCUDMebg1aFAA+KH9vAAAAEUlEQVR4nGP8f5BhqQPT7wMAFEYEZIyyRlcAAAAASUVORK5CYII=",
    [
      [90, 90, 90, 90, 90, 30, 30, 130, 130, 130, 30, 30, 130, 130, 130],
      [20, 20, 20, 20, 20, 110, 110, 80, 80, 80, 110, 110, 140, 140, 140],
      [0, 0, 0, 0, 0, 13, 13, 51, 51, 51, 13, 13, 102, 102, 102],
    ],
  ],
  "png, half transparent": [
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAADCAYAAABbNsX4AAAAIElEQVR4nGPkEmFo0GBgYEDGLAw2DAwMDIIoGElQCY4BX4QCeymqzKkAAAAASUVORK5CYII=",
    [
      [10, 50, 90, 130, 170, 10, 50, 90, 130, 170, 10, 50, 90, 130, 170],
      [20, 20, 20, 20, 20, 80, 80, 80, 80, 80, 140, 140, 140, 140, 140],
      [0, 0, 0, 0, 0, 0, 17, 34, 51, 68, 0, 34, 68, 102, 136],
    ],
  ],
};

const bytesOf = (name: string) =>
  Uint8Array.from(atob(FILES[name]![0]), (c) => c.charCodeAt(0));

for (const [name, [, planes]] of Object.entries(FILES)) {
  Deno.test(`decodePicture() reads what Pillow does: ${name}`, async () => {
    const pixels = await decodePicture(bytesOf(name), name);
    assertEquals([pixels.width, pixels.height], [5, 3]);
    assertEquals([...pixels.planes], planes.flat());
  });
}

Deno.test("decodePicture() says which file is broken", async () => {
  const jpeg = bytesOf("jpeg, grey");
  const mistakes: [Uint8Array<ArrayBuffer>, RegExp][] = [
    [new Uint8Array(0), /^x.png is no picture: it begins with nothing,/],
    [Uint8Array.of(1, 2, 255, 4, 5), /begins with 1 2 ff 4, neither as PNG/],
    [bytesOf("png").slice(0, 50), /^x.png is a broken PNG picture: it is cut/],
    [jpeg.slice(0, 40), /^x.png is a broken JPEG picture: /],
    [jpeg.slice(0, jpeg.length - 8), /broken JPEG picture: Premature end/],
  ];
  for (const [bytes, message] of mistakes) {
    const error = await assertRejects(() => decodePicture(bytes, "x.png"));
    assertEquals(message.test((error as Error).message), true, `${error}`);
  }
  // A broken file leaves nothing behind.
  assertEquals((await decodePicture(jpeg, "x.jpg")).width, 5);
});
