/** Pages of docs/ that programs write, and that tests find current. */

import { formatMarkdown } from "./format_markdown.ts";

/**
 * Writes a page, or, with `--check` among the arguments, compares it. Prints
 * `problems` and what is wrong with the page, and exits with 1 if anything is.
 */
export async function finishPage(
  page: string,
  text: string,
  task: string,
  problems: readonly string[],
): Promise<void> {
  const current = await formatMarkdown(text);
  const found = [...problems];
  if (!Deno.args.includes("--check")) Deno.writeTextFileSync(page, current);
  else if (Deno.readTextFileSync(page) !== current) {
    found.push(`${page} is not current: run \`deno task ${task}\``);
  }
  for (const sentence of found) console.error(sentence);
  if (found.length > 0) Deno.exit(1);
}
