/** Writing with the model of a run. */

import { manualSeed } from "@fdunn/tensor";
import { type CommandLine, usageError, withoutStack } from "./command_line.ts";
import { continued } from "./gpt.ts";
import type { KeptWriter } from "./kept_models.ts";
import type { OpenedModel } from "./open_kept.ts";
import { notNegative } from "./option.ts";
import { wholeNumber } from "./option_value.ts";
import { codesOf } from "./text_windows.ts";

/** Prints a text that begins as the command line says. */
export function continueText(
  { kept, names, path }: OpenedModel & { kept: KeptWriter },
  { flags, options }: CommandLine,
): void {
  const prompt = options.prompt ?? "";
  const tokens = wholeNumber("tokens", options.tokens ?? "200", 1);
  const temperature = notNegative(0.8, "")
    .read("temperature", options.temperature ?? "0.8");
  manualSeed(wholeNumber("seed", options.seed ?? "0", 0));
  const json = flags.includes("json");
  const show = (text: string) => {
    if (!json) Deno.stdout.writeSync(new TextEncoder().encode(text));
  };
  let begin: number[];
  try {
    begin = codesOf(prompt, names);
  } catch (error) {
    throw usageError(`--prompt: ${withoutStack(error)}`);
  }
  // The alphabet's first, mostly the line's end, begins what has no begin.
  if (begin.length === 0) begin.push(0);
  let text = "";
  show(prompt);
  const { context, model } = kept;
  for (
    const code of continued(model, begin, { context, temperature, tokens })
  ) {
    text += names[code];
    show(names[code]!);
  }
  if (json) console.log(JSON.stringify({ run: path, prompt, text }));
  else show("\n");
}
