import { assertEquals, assertThrows } from "@std/assert";
import { takeApart } from "./streams.ts";

const HEADER = [0, 97, 115, 109, 1, 0, 0, 0];

/** A module of one function. */
function moduleOf(body: number[]): Uint8Array {
  const code = [1, body.length, ...body];
  return Uint8Array.from([...HEADER, 10, code.length, ...code]);
}

Deno.test("takeApart() deals an instruction's parts to their streams", () => {
  const locals = [2, 2, 0x7f, 1, 0x7b];
  const load = [0x20, 1, 0xfd, 0, 4, 0x90, 1];
  const constant = [0xfd, 12, ...new Array(16).fill(7)];
  const rest = [0x20, 1, 0x6a, 0x20, 0, 0x0b];
  const body = [...locals, ...load, ...constant, ...rest];
  const module = moduleOf(body);
  const all = [...HEADER, 10, body.length + 2, 1];
  all.push(0x20, 0xfd, 0, 4, 0xfd, 12, 0x20, 0x6a, 0x20, 0x0b);
  // Local 1 was preceded by none, then it is the last one, and 0 behind it.
  const distances = [1, 0, 1], offsets = [0x90, 1];
  const constants = [body.length, ...locals, ...new Array(16).fill(7)];
  const lengths = [all, distances, offsets].flatMap((s) => [s.length, 0, 0, 0]);
  assertEquals(
    [...takeApart(module)],
    [...lengths, ...all, ...distances, ...offsets, ...constants],
  );
});

Deno.test("takeApart() refuses what weave() does not know", () => {
  const throws = (body: number[], message: string) =>
    assertThrows(() => takeApart(moduleOf(body)), Error, message);
  throws([0, 0x12, 0, 0x0b], "Instruction 18 is unknown");
  throws([0, 0xfc, 8, 0, 0, 0x0b], "0xfc 8 is unknown");
  throws([0, 0x20, 128, 2, 0x0b], "A function has 256 locals and more");
});
