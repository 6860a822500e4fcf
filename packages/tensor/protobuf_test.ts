import { assertEquals } from "@std/assert";
import { ProtoMessage } from "./protobuf.ts";

function bytesOf(write: (message: ProtoMessage) => unknown): number[] {
  const message = new ProtoMessage();
  write(message);
  const bytes = message.finish();
  assertEquals(bytes.length, message.length);
  return [...bytes];
}

Deno.test("whole numbers are varints: the guide's own example, and the ends", () => {
  assertEquals(bytesOf((m) => m.int(1, 150)), [0x08, 0x96, 0x01]);
  assertEquals(bytesOf((m) => m.int(1, 0)), [0x08, 0x00]);
  assertEquals(bytesOf((m) => m.int(1, 127)), [0x08, 0x7f]);
  assertEquals(bytesOf((m) => m.int(1, 128)), [0x08, 0x80, 0x01]);
  assertEquals(bytesOf((m) => m.int(16, 1)), [0x80, 0x01, 0x01]);
  const minusOne = [0x08, ...new Array<number>(9).fill(0xff), 0x01];
  assertEquals(bytesOf((m) => m.int(1, -1)), minusOne);
  const largest = [0x08, ...new Array<number>(8).fill(0xff), 0x7f];
  assertEquals(bytesOf((m) => m.int(1, 2n ** 63n - 1n)), largest);
  // Beyond 32 bits, and beyond what a double holds.
  const far = [0x08, 0x80, 0x80, 0x80, 0x80, 0x10];
  assertEquals(bytesOf((m) => m.int(1, 2 ** 32)), far);
  assertEquals(
    bytesOf((m) => m.int(1, 2n ** 53n + 1n)),
    [0x08, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10],
  );
});

Deno.test("text, floats and messages inside of messages", () => {
  assertEquals(
    bytesOf((m) => m.string(2, "testing")),
    [0x12, 7, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67],
  );
  assertEquals(bytesOf((m) => m.string(2, "é")), [0x12, 2, 0xc3, 0xa9]);
  assertEquals(bytesOf((m) => m.float(1, 1)), [0x0d, 0, 0, 0x80, 0x3f]);
  const inner = new ProtoMessage().int(1, 150);
  assertEquals(
    bytesOf((m) => m.message(3, inner).int(4, 1)),
    [0x1a, 3, 0x08, 0x96, 0x01, 0x20, 1],
  );
  assertEquals(bytesOf((m) => m.message(3, new ProtoMessage())), [0x1a, 0]);
});

Deno.test("packed fields have one tag for all their values", () => {
  assertEquals(
    bytesOf((m) => m.packedInts(6, [3, 270, 86942])),
    [0x32, 6, 0x03, 0x8e, 0x02, 0x9e, 0xa7, 0x05],
  );
  assertEquals(bytesOf((m) => m.packedInts(6, [])), [0x32, 0]);
  assertEquals(
    bytesOf((m) => m.packedFloats(7, [1, -2])),
    [0x3a, 8, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0],
  );
});

Deno.test("large pieces are copied once, in order", () => {
  const large = new Uint8Array(1 << 20).map((_, i) => i);
  const tensor = new ProtoMessage().int(1, 2).bytes(9, large).int(2, 3);
  const bytes = new ProtoMessage().message(5, tensor).finish();
  // Two tags, the piece with its tag and a length of three bytes, the tail.
  assertEquals(bytes.length, 1 + 3 + 2 + 1 + 3 + large.length + 2);
  assertEquals([...bytes.subarray(0, 4)], [0x2a, 0x88, 0x80, 0x40]);
  assertEquals(bytes.subarray(10, 10 + large.length), large);
  assertEquals([...bytes.subarray(-2)], [0x10, 3]);
});

Deno.test("doubles are eight bytes, the lowest first", () => {
  const one = [0, 0, 0, 0, 0, 0, 0xf0, 0x3f];
  assertEquals(bytesOf((m) => m.double(1, 1)), [0x09, ...one]);
  assertEquals(
    bytesOf((m) => m.packedDoubles(2, [1, 1])),
    [0x12, 16, ...one, ...one],
  );
  assertEquals(bytesOf((m) => m.packedDoubles(2, [])), [0x12, 0]);
});
