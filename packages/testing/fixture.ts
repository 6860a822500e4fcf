/** An array in a fixture file: flat, row-major, or a formula. */
export type FixtureArray = FixtureData | FixtureSine;

/** Values as PyTorch made them. */
export interface FixtureData {
  /** float32, int32 or bool. */
  dtype: string;
  /** Sizes, outermost first. */
  shape: number[];
  /** Row-major values; what JSON cannot say is text. */
  data: (number | "NaN" | "Infinity" | "-Infinity")[];
}

/** Values by formula: element i is `scale * sin(step * i + phase)`. */
export interface FixtureSine {
  /** Sizes, outermost first. */
  shape: number[];
  /** scale, step and phase. */
  sin: [number, number, number];
}

/** A fixture file: which PyTorch made it, and its cases. */
export interface Fixture<Case> {
  /** The version of PyTorch. */
  torch: string;
  /** The script beside the file that made it. */
  script: string;
  /** What the file holds. */
  about: string;
  /** One object per case. */
  cases: Case[];
}

/** A case that every fixture file has at least. */
export interface FixtureCase {
  /** Unique in its file. */
  name: string;
}

/** One operation: inputs, outputs and, if differentiable, gradients. */
export interface OpCase extends FixtureCase {
  /** fdunn's name of the operation. */
  op: string;
  /** Its options in fdunn's names. */
  options: Record<string, unknown>;
  /** Arguments by name, in order. */
  inputs: Record<string, FixtureData>;
  /** Results. */
  outputs: FixtureData[];
  /** What is fed to backward, one per output. */
  cotangents?: FixtureData[];
  /** Gradients of the float inputs. */
  grads?: Record<string, FixtureData>;
}

/** Reads `fixtures/<name>.json`; a case's form is up to the caller. */
export function loadFixture<Case extends FixtureCase = OpCase>(
  name: string,
): Fixture<Case> {
  const url = new URL(`./fixtures/${name}.json`, import.meta.url);
  return JSON.parse(Deno.readTextFileSync(url)) as Fixture<Case>;
}

/** A file that numpy, safetensors or PyTorch wrote: make_formats.py. */
export function formatFile(path: string): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(
    new URL(`./fixtures/formats/${path}`, import.meta.url),
  );
}

/**
 * The numbers of a fixture's array, rounded to float32 if they are floats, in
 * a typed array of its dtype (bool: Uint8Array; formulas: Float32Array).
 */
export function fixtureValues(
  array: FixtureArray,
):
  | Float32Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | Uint8Array<
    ArrayBuffer
  > {
  if ("sin" in array) {
    const [scale, step, phase] = array.sin;
    const size = array.shape.reduce((a, b) => a * b, 1);
    return Float32Array.from(
      { length: size },
      (_, i) => scale * Math.sin(step * i + phase),
    );
  }
  if (array.dtype === "int32") return Int32Array.from(array.data, Number);
  if (array.dtype === "bool") return Uint8Array.from(array.data, Number);
  if (array.dtype === "float32") return Float32Array.from(array.data, Number);
  throw new TypeError(`No typed array for a fixture of ${array.dtype}`);
}
