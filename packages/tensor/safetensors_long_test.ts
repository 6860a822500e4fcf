import { formatFile, fuzz } from "@fdunn/testing";
import { tensor, zeros } from "./mod.ts";
import { loadSafetensors, saveSafetensors } from "./safetensors.ts";

/** Changes the header's text; its length is right again. */
function inHeader(
  file: Uint8Array,
  change: (part: Uint8Array) => Uint8Array,
): Uint8Array {
  const end = 8 + new DataView(file.buffer).getUint32(0, true);
  const header = change(file.slice(8, end));
  const result = new Uint8Array(8 + header.length + file.length - end);
  new DataView(result.buffer).setUint32(0, header.length, true);
  result.set(header, 8);
  result.set(file.subarray(end), 8 + header.length);
  return result;
}

Deno.test("100,000 changed safetensors files are read or refused in a sentence", async () => {
  await fuzz({
    seeds: [
      formatFile("types.safetensors"),
      saveSafetensors({ a: tensor([1, 2]), b: zeros([0, 3]) }, { note: "x" }),
      saveSafetensors({}),
    ],
    tokens: [
      ...["{", "}", "[", "]", ",", ":", '"', "\\", " ", "\0", "\xff", "null"],
      ...['"a":', '"__proto__":', '"__metadata__":{"a":"b"},', '"dtype":"F32"'],
      ...['"shape":[],', '"data_offsets":[0,8]', "F64", "BF16", "U8", "[[[[["],
      '"x":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},',
    ],
    inside: (file, _, change) => inHeader(file, change),
    read: (file) => {
      const { tensors } = loadSafetensors(file);
      return Object.values(tensors)
        .reduce((sum, x) => sum + x.data().byteLength, 0);
    },
    sentences:
      /^(Not a valid safetensors file: |loadSafetensors\(\) got ".*" of dtype )/,
    maxBytes: 4096,
  });
});
