import { formatFile } from "@fdunn/testing";
import { arange, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { loadNpz, saveNpz, saveNpzCompressed } from "./npz.ts";
import { zipStored } from "./zip_writer.ts";

Deno.test("loadNpz() reads stored, deflated and streamed archives alike", async () => {
  const stored = await loadNpz(formatFile("arrays.npz"));
  const deflated = await loadNpz(formatFile("arrays_deflated.npz"));
  assertEquals(Object.keys(stored).length, 48);
  assertEquals(Object.keys(deflated), Object.keys(stored));
  for (const [name, x] of Object.entries(stored)) {
    assertEquals(deflated[name]!.data(), x.data(), name);
  }
  const streamed = await loadNpz(formatFile("streamed.npz"));
  assertEquals(Object.keys(streamed), ["x", "y"]);
  assertEquals(streamed.y!.data(), stored["i8 < rows"]!.data());
});

Deno.test("loadNpz() takes names as they are", async () => {
  const special = await loadNpz(formatFile("special.npz"));
  const { scalar, empty, limits, floats } = special;
  assertEquals(Object.keys(special).slice(4), [
    ...["__proto__", "../../escape", "a/b", "ö"],
  ]);
  assertEquals([scalar!.shape, scalar!.item()], [[], 7]);
  assertEquals([empty!.dtype, empty!.shape], ["float64", [0, 3]]);
  assertEquals(
    limits!.data<BigInt64Array>(),
    BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
  );
  assertEquals(
    floats!.data(),
    Float32Array.of(NaN, Infinity, -Infinity, -0, 1e-45),
  );
  const own = Object.getOwnPropertyDescriptor(special, "__proto__")!.value;
  assertEquals((own as Tensor).toArray(), [0, 1, 2]);
  const some = await loadNpz(formatFile("special.npz"), { names: ["ö"] });
  assertEquals(Object.keys(some), ["ö"]);
});

Deno.test("saved archives are loaded, compressed or not", async () => {
  const tensors = {
    x: arange(6).reshape([2, 3]).t(),
    y: tensor([true, false]),
    ["__proto__"]: zeros([0, 2], { dtype: "int64" }),
    "../ö": tensor(5),
  };
  const stored = saveNpz(tensors);
  const deflated = await saveNpzCompressed(tensors);
  assert(deflated.length < stored.length);
  for (const bytes of [stored, deflated]) {
    const loaded = await loadNpz(bytes);
    assertEquals(Object.keys(loaded), Object.keys(tensors));
    for (const [name, x] of Object.entries(tensors)) {
      const found = Object.getOwnPropertyDescriptor(loaded, name)!.value;
      assertEquals([found.dtype, found.shape], [x.dtype, x.shape], name);
      assertEquals(found.data(), x.data(), name);
    }
  }
  assertEquals(saveNpz(tensors), stored, "nothing depends on the clock");
  assertEquals(await loadNpz(saveNpz({})), {});
  const wide = { x: zeros([1]).to("bfloat16") };
  assertThrows(() => saveNpz(wide), TypeError, "saveNpy() got bfloat16");
});

Deno.test("what is no array is refused by name, or left out", async () => {
  const bytes = formatFile("refused/arrays.npz");
  await assertRejects(
    () => loadNpz(bytes),
    TypeError,
    "The .npz file: objects.npy has elements of numpy's type |O, Python objects",
  );
  await assertRejects(
    () => loadNpz(bytes, { names: ["other"] }),
    RangeError,
    'loadNpz() finds no array "other", only objects, structures, text',
  );
  const note = new TextEncoder().encode("hello");
  const mixed = zipStored([{ path: "note.txt", bytes: note }]);
  await assertRejects(
    () => loadNpz(mixed),
    RangeError,
    "loadNpz() got a file that is no array: note.txt",
  );
  assertEquals(await loadNpz(mixed, { names: [] }), {});
});

Deno.test("archives that would outgrow memory are refused before they do", async () => {
  // The directory's record of the only file ends with its name and the end.
  const bomb = await saveNpzCompressed({ x: zeros([1000]) });
  const record = bomb.length - 22 - "x.npy".length - 46;
  new DataView(bomb.buffer).setUint32(record + 24, 300_000_000, true);
  await assertRejects(
    () => loadNpz(bomb),
    RangeError,
    `The .npz file of ${bomb.length} bytes claims to hold 300000000 and more, expected up to maxBytes = 268435456`,
  );
  await assertRejects(
    () => loadNpz(bomb, { maxBytes: 2 ** 40 }),
    RangeError,
    "bytes cannot inflate to 300000000",
  );
  const small = saveNpz({ x: zeros([100]), y: zeros([100]) });
  await assertRejects(
    () => loadNpz(small, { maxBytes: 1000 }),
    RangeError,
    "claims to hold 1056 and more, expected up to maxBytes = 1000",
  );
  assertEquals(Object.keys(await loadNpz(small, { maxBytes: 1056 })).length, 2);
});
