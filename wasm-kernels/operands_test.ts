import { assertEquals } from "@std/assert";
import { insertOperands } from "./operands.ts";

Deno.test("insertOperands() takes them from the end, the first one last", () => {
  const cases: [apart: number[], whole: number[]][] = [
    [[], []],
    [[1, 2, 3], [1, 2, 3]],
    [[0x20, 7], [0x20, 7]],
    [[0x20, 0x21, 0x6a, 0x22, 9, 8, 7], [0x20, 7, 0x21, 8, 0x6a, 0x22, 9]],
    // An operand is none of the instructions, whatever its value.
    [[0x20, 1, 0x21, 2, 0x22, 0x20], [0x20, 0x20, 1, 0x21, 0x22, 2]],
    [[0x1f, 0x23, 0x20], [0x1f, 0x23, 0x20]],
  ];
  for (const [apart, whole] of cases) {
    assertEquals([...insertOperands(Uint8Array.from(apart))], whole);
  }
});
