import { assert, assertEquals } from "@std/assert";
import { classBytes, Memory, sizeClass } from "./memory.ts";

const MB = 2 ** 20;

Deno.test("size classes waste at most an eighth, beyond 128 bytes", () => {
  for (let bytes = 1; bytes < 2 ** 32; bytes = Math.ceil(bytes * 1.037)) {
    const room = classBytes(sizeClass(bytes));
    assert(room >= bytes, `${bytes} in ${room}`);
    if (bytes > 128) assert(room <= bytes * 1.125, `${bytes} in ${room}`);
    assertEquals(room % 16, 0);
    assertEquals(sizeClass(room), sizeClass(bytes));
  }
});

Deno.test("blocks never overlap and keep their contents", () => {
  const memory = new Memory(false);
  const live: { at: number; bytes: number; mark: number }[] = [];
  let seed = 1;
  const random = (n: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * n);
  };
  for (let i = 0; i < 20_000; i++) {
    if (live.length > 0 && random(100) < 49) {
      const [block] = live.splice(random(live.length), 1);
      const { at, bytes, mark } = block!;
      assertEquals(memory.heap.u8[at], mark & 255);
      assertEquals(memory.heap.u8[at + bytes - 1], mark & 255);
      memory.release(at, bytes);
      continue;
    }
    const bytes = 1 + random(2 ** (4 + random(14)));
    const at = memory.allocate(bytes);
    assert(at > 0 && at % 16 === 0);
    memory.heap.u8[at] = memory.heap.u8[at + bytes - 1] = i & 255;
    live.push({ at, bytes, mark: i });
  }
  for (const { at, bytes, mark } of live) {
    assertEquals(memory.heap.u8[at], mark & 255);
    memory.release(at, bytes);
  }
  assertEquals(memory.liveBytes, 0);
});

Deno.test("what one size gave back another can use, large and small", () => {
  const memory = new Memory(false);
  for (let bytes = 16; bytes < 4 * MB; bytes = Math.ceil(bytes * 1.3)) {
    const blocks: number[] = [];
    for (let total = 0; total < 16 * MB; total += bytes) {
      blocks.push(memory.allocate(bytes));
    }
    for (const block of blocks) memory.release(block, bytes);
  }
  const { byteLength } = memory.wasm.buffer;
  assert(byteLength < 80 * MB, `${byteLength / MB} MB for 16 MB live at once`);
});

Deno.test("a steady state takes nothing new", () => {
  const memory = new Memory(false);
  const sizes = [100, 3000, 50_000, 400_000, 7 * MB];
  const round = () => {
    const blocks = sizes.map((bytes) => memory.allocate(bytes));
    blocks.forEach((block, i) => memory.release(block, sizes[i]!));
    return blocks;
  };
  round();
  const expected = round();
  const { byteLength } = memory.wasm.buffer;
  for (let i = 0; i < 1000; i++) assertEquals(round(), expected);
  assertEquals(memory.wasm.buffer.byteLength, byteLength);
});

Deno.test("a request beyond the address space gets 0 and harms nothing", () => {
  const memory = new Memory(false);
  assertEquals(memory.allocate(2 ** 32), 0);
  assertEquals(memory.allocate(2 ** 40), 0);
  assertEquals(memory.liveBytes, 0);
  assert(memory.allocate(1000) > 0);
});
