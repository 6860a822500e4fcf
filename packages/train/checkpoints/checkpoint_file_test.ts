import { Linear } from "@fdunn/nn";
import { type Tensor, tensor } from "@fdunn/tensor";
import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
import { scratchFolder } from "@fdunn/testing";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { join } from "@std/path";
import { saveModel } from "./checkpoint.ts";
import {
  DamagedCheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  loadCheckpoint,
  saveCheckpoint,
} from "./checkpoint_file.ts";
import { findCheckpoint } from "./checkpoint_search.ts";
import { packState, unpackState } from "./plain_state.ts";

const text = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

Deno.test("packState() and unpackState() keep what JSON cannot say", () => {
  const state = {
    numbers: [1.5, 0.1 + 0.2, NaN, Infinity, -Infinity, -0, 2 ** 53],
    big: 2n ** 70n,
    texts: ["", "é", '"'],
    list: [null, [true, false], {}],
    arrays: [new Float64Array([0.5, NaN]), new Int32Array([-1])],
    $tensor: { $$: 1, "a.b": 2 },
    ["__proto__"]: "a name like any other",
  };
  const copy = unpackState(packState(state)) as typeof state;
  assertEquals(copy, state);
  assert(Object.is(copy.numbers[5], -0));
  assertEquals(Object.keys(copy), Object.keys(state));
  assertEquals(unpackState(packState({ a: undefined, b: [undefined] })), {
    b: [null],
  });
});

Deno.test("packState() names tensors by the way to them", () => {
  const a = tensor([1, 2]);
  const b = tensor(new Int32Array([3]));
  const packed = packState({ x: { "y.z": a }, "x.y": { z: b }, list: [a] });
  assertEquals(Object.keys(packed.tensors), ["x.y.z", "x.y.z'", "list.0"]);
  const copy = unpackState(packed) as { "x.y": { z: Tensor } };
  assertEquals(copy["x.y"].z, b);
  assertEquals(packState(a).json, '{"$tensor":"state"}');
});

Deno.test("packState() names what it cannot keep, and where", () => {
  assertThrows(
    () => packState({ a: [{ f: () => 1 }] }),
    TypeError,
    'A state cannot keep the function at "a.0.f"',
  );
  assertThrows(
    () => packState({ m: new Map() }),
    TypeError,
    'the Map at "m"',
  );
});

Deno.test("a checkpoint is a safetensors file with all else in its metadata", () => {
  const bytes = encodeCheckpoint(
    { model: { weight: tensor([[1, 2]]) }, epoch: 3 },
    { epochs: 3, batches: 7 },
  );
  const { tensors, metadata } = loadSafetensors(bytes);
  assertEquals(tensors["model.weight"]!.toArray(), [[1, 2]]);
  assertEquals(metadata.format, "fdunn-checkpoint");
  assertEquals(metadata.version, "1");
  assertEquals(metadata.progress, '{"epochs":3,"batches":7}');
  assertMatch(metadata.sha256!, /^[0-9a-f]{64}$/);
});

Deno.test("a checkpoint with any byte changed, or cut off, is damaged", () => {
  const bytes = encodeCheckpoint({ w: tensor([1, 2, 3]), epoch: 1 });
  decodeCheckpoint(bytes);
  for (let i = 0; i < bytes.length; i++) {
    const changed = bytes.slice();
    changed[i]! ^= 1;
    assertThrows(() => decodeCheckpoint(changed), DamagedCheckpointError);
    const cut = bytes.subarray(0, i);
    assertThrows(() => decodeCheckpoint(cut), DamagedCheckpointError);
  }
});

Deno.test("a checkpoint of a newer format is refused with both numbers", () => {
  // As a later version would write it: only its number differs.
  const later = saveSafetensors({}, {
    sha256: "0".repeat(64),
    format: "fdunn-checkpoint",
    version: "2",
    state: "{}",
  });
  const error = assertThrows(
    () => decodeCheckpoint(sealed(later)),
    DamagedCheckpointError,
  );
  assertStringIncludes(error.message, "format 2, this one reads up to 1");
});

/** Puts the digest in, as an own writer would. */
function sealed(bytes: Uint8Array): Uint8Array {
  const zeros = encodeCheckpoint({});
  const at = text(zeros).indexOf("sha256") + 9;
  const { createHash } = process.getBuiltinModule("node:crypto");
  const digest = createHash("sha256").update(bytes).digest("hex");
  bytes.set(new TextEncoder().encode(digest), at);
  return bytes;
}

Deno.test("unknown keys of a later writer do no harm", () => {
  const state = decodeCheckpoint(encodeCheckpoint({ epoch: 1, news: [1] }));
  assertEquals(state, { epoch: 1, news: [1] });
});

Deno.test("findCheckpoint() takes the newest that is intact", () => {
  using scratch = scratchFolder("find");
  const folder = join(scratch.path, "checkpoints");
  Deno.mkdirSync(folder);
  const file = (name: string) => join(folder, `${name}.safetensors`);
  const save = (name: string, epochs: number, batches: number) =>
    saveCheckpoint(file(name), { name }, { epochs, batches });
  save("c", 2, 0);
  save("a", 1, 9);
  save("b", 1, 10);
  saveModel(new Linear(1, 1), join(scratch.path, "model.safetensors"));
  saveModel(new Linear(1, 1), file("weights"));
  const find = (path: string) => findCheckpoint<{ name: string }>(path);
  for (const path of [folder, scratch.path]) {
    assertEquals(find(path).state, { name: "c" });
    assertEquals(find(path).warnings, []);
  }
  assertEquals(find(file("b")).state, { name: "b" });

  const bytes = Deno.readFileSync(file("c"));
  bytes[bytes.length - 1]! ^= 1;
  Deno.writeFileSync(file("c"), bytes);
  for (const path of [folder, file("c")]) {
    const found = find(path);
    assertEquals(found.state, { name: "b" });
    assertEquals(found.warnings.length, 1);
    assertStringIncludes(found.warnings[0]!, "c.safetensors is damaged");
    assertStringIncludes(found.warnings[0]!, `going on from ${file("b")}`);
  }
  save("c", 2, 0);
  Deno.truncateSync(file("b"), 5); // does not even say how far it had come
  assertEquals(find(file("b")).state, { name: "c" });
  Deno.truncateSync(file("c"), 100);
  Deno.truncateSync(file("a"), 0);
  assertThrows(() => find(folder), Error, "no intact one is left");
});

Deno.test("saveCheckpoint() and loadCheckpoint() serve a loop of one's own", () => {
  using scratch = scratchFolder("own");
  const path = join(scratch.path, "mine.safetensors");
  const model = new Linear(2, 2);
  saveCheckpoint(path, { model: model.stateDict(), epoch: 3 });
  const { model: state, epoch } = loadCheckpoint<
    { model: Record<string, Tensor>; epoch: number }
  >(path);
  const other = new Linear(2, 2);
  other.loadStateDict(state);
  assertEquals(other.weight.toArray(), model.weight.toArray());
  assertEquals(epoch, 3);
  assertEquals([...Deno.readDirSync(scratch.path)].length, 1);
});
