/** PNG and JPEG files as pixels. */

/** A picture's bytes: planes of red, green and blue, each row by row. */
export interface Pixels {
  width: number;
  height: number;
  /** `3 * height * width` of them. */
  planes: Uint8Array;
}

/**
 * How a kind of file begins, and who decodes it.
 *
 * jSquash is libjpeg (as mozjpeg) and Rust's png crate as WebAssembly, without
 * further packages, released since 2022 and used widely. It gives PIL's pixels
 * bit for bit, and so torchvision's; decoders in plain JavaScript are up to 54
 * of 255 off on CIFAR-10's JPEGs, and three times as slow.
 */
const KINDS = [
  {
    name: "JPEG",
    begins: [0xff, 0xd8, 0xff],
    decoder: "@jsquash/jpeg@1.6.0",
    prints: true,
  },
  {
    name: "PNG",
    begins: [0x89, 0x50, 0x4e, 0x47],
    decoder: "@jsquash/png@3.1.1",
    prints: false,
  },
];

/** What a decoder's module exports; its pixels are RGBA. */
interface DecoderModule {
  /** Where it prints: takes what it would print. */
  init(options: { printErr(line: string): void }): Promise<void>;
  default(bytes: ArrayBuffer): Promise<
    { width: number; height: number; data: Uint8ClampedArray }
  >;
}

/** A loaded decoder, and what it complained of in its last file. */
interface Decoder {
  decode: DecoderModule["default"];
  complaints: string[];
}

const loaded: Map<string, Promise<Decoder>> = new Map();

/**
 * Decodes a file's bytes; `name` is what messages call it. Grey and palettes
 * become red, green and blue; transparency is left out, as PIL's
 * `convert("RGB")` does.
 *
 * @throws Error for what is no PNG or JPEG, and for broken files.
 */
export async function decodePicture(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Pixels> {
  const kind = KINDS.find(({ begins }) =>
    begins.every((byte, i) => bytes[i] === byte)
  );
  if (kind === undefined) {
    throw new Error(
      `${name} is no picture: it begins with ${
        [...bytes.subarray(0, 4)].map((b) => b.toString(16)).join(" ") ||
        "nothing"
      }, neither as PNG nor as JPEG`,
    );
  }
  const { decode, complaints } = await decoderOf(kind);
  complaints.length = 0;
  let data: Uint8ClampedArray, width: number, height: number;
  try {
    ({ data, width, height } = await decode(bytes.slice().buffer));
    // libjpeg fills up what is missing with grey, and only says so.
    if (complaints.some((line) => line.startsWith("Premature end"))) {
      throw new Error();
    }
  } catch {
    throw new Error(
      `${name} is a broken ${kind.name} picture: ${
        complaints.join("; ") || "it is cut off, or not what it begins as"
      }`,
    );
  }
  const area = width * height;
  const planes = new Uint8Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) planes[c * area + i] = data[4 * i + c]!;
  }
  return { width, height, planes };
}

/** Loads a decoder once. */
function decoderOf(kind: typeof KINDS[number]): Promise<Decoder> {
  let decoder = loaded.get(kind.decoder);
  if (decoder === undefined) loaded.set(kind.decoder, decoder = load(kind));
  return decoder;
}

async function load(
  { decoder: name, prints }: typeof KINDS[number],
): Promise<Decoder> {
  let module: DecoderModule;
  try {
    // A name that tools cannot read: only who reads pictures downloads it.
    module = await import(`npm:${name}/decode.js`);
  } catch (error) {
    const [reason] = (error as Error).message.split(/[\n.]\s/);
    throw new Error(
      `Cannot get the decoder npm:${name} (${reason}): run this once where there is a network`,
    );
  }
  const complaints: string[] = [];
  if (prints) await module.init({ printErr: (line) => complaints.push(line) });
  return { decode: module.default, complaints };
}
