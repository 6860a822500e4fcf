/**
 * A table of a model's layers. An entry point of its own: torchinfo's in Python.
 *
 * ```ts
 * import { Linear, ReLU, Sequential } from "@fdunn/nn";
 * import { summary } from "@fdunn/nn/summary";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new Sequential(new Linear(4, 8), new ReLU(), new Linear(8, 3));
 * const { rows, trainableParameters } = summary(model, [1, 4]);
 * assertEquals(rows.map((row) => row.type), ["Linear", "ReLU", "Linear"]);
 * assertEquals(trainableParameters, 67);
 * ```
 *
 * @module
 */

import { noGrad, scope, type Shape, type Tensor, zeros } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
import type { AnyModule, Module } from "./module.ts";
import { firstTensor, multiplyAdds } from "./multiply_adds.ts";
import type { Parameter } from "./parameter.ts";

/** One call of a layer. */
export interface SummaryRow {
  /** The layer's name in the model, such as `conv1`. */
  name: string;
  /** Its class. */
  type: string;
  /** The shape of the (first) tensor that it returned; empty without one. */
  outputShape: Shape;
  /** Elements of its own parameters; 0 where they were counted before. */
  parameters: number;
  /**
   * Multiplications with an addition that the call took: those with its own
   * parameters, and attention's.
   */
  multiplyAdds: number;
}

/** What {@linkcode summary} returns; prints as a table. */
export class Summary {
  /** The layers, in the order in which they ran. */
  readonly rows: readonly SummaryRow[];
  /** Elements of all parameters. */
  readonly totalParameters: number;
  /** Elements of the parameters that require grad. */
  readonly trainableParameters: number;
  /** Multiplications with an addition, of all layers. */
  readonly totalMultiplyAdds: number;

  /** Made by {@linkcode summary}. */
  constructor(rows: readonly SummaryRow[], parameters: readonly Parameter[]) {
    this.rows = rows;
    this.totalParameters = count(parameters);
    this.totalMultiplyAdds = rows.reduce((n, row) => n + row.multiplyAdds, 0);
    this.trainableParameters = count(parameters.filter((p) => p.requiresGrad));
  }

  /** The table: layer, output shape, parameters, multiply-adds. */
  toString(): string {
    const cells = this.rows.map((row) => [
      `${row.name} (${row.type})`,
      `${formatShape(row.outputShape)}`,
      grouped(row.parameters),
      grouped(row.multiplyAdds),
    ]);
    const head = ["layer", "output shape", "parameters", "multiply-adds"];
    const widths = head.map((title, c) =>
      Math.max(title.length, ...cells.map((row) => row[c]!.length))
    );
    const line = (row: readonly string[]) =>
      row.map((cell, c) =>
        c < 2 ? cell.padEnd(widths[c]!) : cell.padStart(widths[c]!)
      ).join("  ");
    const total = this.totalParameters;
    const frozen = total - this.trainableParameters;
    const lines = [
      line(head),
      widths.map((width) => "-".repeat(width)).join("  "),
      ...cells.map(line),
      `${grouped(total)} parameters${
        frozen === 0 ? "" : `, ${grouped(frozen)} of them frozen`
      }; ${grouped(this.totalMultiplyAdds)} multiply-adds`,
    ];
    return lines.join("\n");
  }

  /** What `console.log` shows in Deno. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * The layers of a model: output shapes, parameters, multiply-adds.
 *
 * Runs `model` once on zeros of `inputShape` (with the batch axis), in eval
 * mode and without recording, and leaves it as it was.
 *
 * ```ts
 * import { Linear, ReLU, Sequential } from "@fdunn/nn";
 * import { summary } from "@fdunn/nn/summary";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new Sequential(new Linear(2, 20), new ReLU(), new Linear(20, 2));
 * const table = summary(model, [1, 2]);
 * assertEquals(table.totalParameters, 102);
 * assertEquals(table.totalMultiplyAdds, 80);
 * assertEquals(
 *   table.toString().split("\n")[2],
 *   "0 (Linear)  [1, 20]               60             40",
 * );
 * ```
 */
export function summary(model: Module<[Tensor]>, inputShape: Shape): Summary {
  const rows: SummaryRow[] = [];
  const removals: (() => void)[] = [];
  const modes = model.modules().map((module) =>
    [module, module.training] as const
  );
  const counted = new Set<Parameter>();
  const parameters = model.parameters();
  try {
    for (const [name, module] of model.namedModules()) {
      const own = ownParameters(module);
      // Containers have nothing of their own to show.
      if (own.length === 0 && module.children().length > 0) continue;
      removals.push(module.registerForwardHook((_, inputs, output) => {
        rows.push({
          name: name === "" ? "model" : name,
          type: module.constructor.name,
          outputShape: firstTensor(output)?.shape.slice() ?? [],
          parameters: count(own.filter((p) => !counted.has(p))),
          multiplyAdds: multiplyAdds(module, own, inputs, output),
        });
        for (const parameter of own) counted.add(parameter);
      }));
    }
    model.eval();
    const dtype = parameters[0]?.dtype ?? "float32";
    scope(() => {
      noGrad(() => model.forward(zeros(inputShape, { dtype })));
    });
  } finally {
    for (const remove of removals) remove();
    for (const [module, training] of modes) module.training = training;
  }
  return new Summary(rows, parameters);
}

/** The parameters in a module's own fields. */
function ownParameters(module: AnyModule): Parameter[] {
  const below = new Set(module.children().flatMap((m) => m.parameters()));
  return module.parameters().filter((parameter) => !below.has(parameter));
}

function count(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, parameter) => sum + parameter.size, 0);
}

/** 40530 as "40,530", whatever the locale. */
function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ",");
}
