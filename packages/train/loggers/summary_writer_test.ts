import { zeros } from "@fdunn/tensor";
import { scratchFolder } from "@fdunn/testing";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { crc32c } from "@fdunn/data/checksum";
import { tfRecord } from "./event_file.ts";
import { WriteError } from "../files/file_errors.ts";
import { SummaryWriter } from "./summary_writer.ts";

Deno.test("crc32c() gives the values of RFC 3720", () => {
  assertEquals(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assertEquals(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
  assertEquals(
    crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)),
    0x46dd794e,
  );
  assertEquals(crc32c(new Uint8Array(0)), 0);
});

Deno.test("a record holds its length and the data between two checksums", () => {
  const record = tfRecord(Uint8Array.of(1, 2, 3));
  assertEquals(record.length, 8 + 4 + 3 + 4);
  assertEquals([...record.slice(0, 8)], [3, 0, 0, 0, 0, 0, 0, 0]);
  assertEquals([...record.slice(12, 15)], [1, 2, 3]);
});

Deno.test("what a full disk takes of a record is taken back, and written later", () => {
  using scratch = scratchFolder("summary");
  const fs = process.getBuiltinModule("node:fs");
  const { writeFileSync } = fs;
  const bytesOf = (steps: number[], full: number) => {
    const writer = new SummaryWriter(scratch.path, { now: () => 1000 });
    for (const step of steps) {
      if (step === full) {
        fs.writeFileSync = ((file: number, bytes: Uint8Array) => {
          writeFileSync(file, bytes.subarray(0, 9));
          throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
        }) as typeof writeFileSync;
      }
      try {
        const add = () => writer.addScalar("loss", step, step);
        if (step !== full) add();
        else assertThrows(add, WriteError, "(ENOSPC): 1 addition waits");
      } finally {
        fs.writeFileSync = writeFileSync;
      }
    }
    writer.close();
    return fs.readFileSync(writer.path);
  };
  assertEquals(bytesOf([1, 2, 3], 2), bytesOf([1, 2, 3], 0));
});

Deno.test("every writer has a file of its own", () => {
  using scratch = scratchFolder("summary");
  const first = new SummaryWriter(scratch.path);
  const second = new SummaryWriter(scratch.path, { filenameSuffix: ".b" });
  assertNotEquals(first.path, second.path);
  first.close();
  first.close();
  second.close();
});

Deno.test("SummaryWriter refuses what TensorBoard cannot show", () => {
  using scratch = scratchFolder("summary");
  const writer = new SummaryWriter(scratch.path);
  assertThrows(
    () => writer.addScalar("loss", 1, 0.5),
    RangeError,
    "SummaryWriter got step 0.5 for loss, expected a whole number",
  );
  assertThrows(
    () => writer.addHistogram("weights", [NaN], 1),
    RangeError,
    "at least one finite number",
  );
  assertThrows(
    () => writer.addImage("picture", zeros([2, 4, 4]), 1),
    RangeError,
    "addImage() got shape [2, 4, 4], expected [C, H, W] with 1 or 3 channels",
  );
  writer.close();
  assertThrows(
    () => writer.addScalar("loss", 1, 1),
    Error,
    `SummaryWriter ${writer.path} is closed`,
  );
});
