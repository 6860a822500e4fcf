/** What is in files of tensors. */

import { loadNpz, loadTorch } from "@fdunn/data";
import { Tensor } from "@fdunn/tensor";
import { loadSafetensors } from "@fdunn/tensor/safetensors";
import { UserError, withoutStack } from "./command_line.ts";
import { table } from "./table.ts";

/** A tensor's description. */
export interface Described {
  name: string;
  dtype: string;
  shape: readonly number[];
  mean: number | null;
  std: number | null;
}

/** The tensors of a file, whatever its format. */
export async function describeFile(path: string): Promise<Described[]> {
  try {
    const bytes = await Deno.readFile(path);
    const content = path.endsWith(".safetensors")
      ? loadSafetensors(bytes).tensors
      : path.endsWith(".npz")
      ? await loadNpz(bytes)
      : await loadTorch(bytes);
    return [...describe(content, "")];
  } catch (error) {
    throw new UserError(`${path}: ${withoutStack(error)}`);
  }
}

/** Tensors in plain containers, named by the way to them. */
function* describe(value: unknown, name: string): Generator<Described> {
  if (value instanceof Tensor) {
    const { dtype, shape } = value;
    const numbers = value.size > 0 ? value.to("float64") : null;
    yield {
      ...{ name, dtype, shape },
      mean: numbers?.mean().item() ?? null,
      std: numbers?.std(undefined, { correction: 0 }).item() ?? null,
    };
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* describe(inner, name === "" ? key : `${name}.${key}`);
  }
}

/** The same as lines of text. */
export function tensorTable(tensors: readonly Described[]): string {
  const show = (value: number | null) =>
    value === null ? "" : String(Number(value.toPrecision(4)));
  const total = tensors.reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  return table([
    ["tensor", "dtype", "shape", "mean", "std"],
    ...tensors.map(({ name, dtype, shape, mean, std }) => [
      ...[name, dtype, `[${shape.join(", ")}]`],
      ...[show(mean), show(std)],
    ]),
  ]) + `\n\n${total.toLocaleString("en")} numbers`;
}
