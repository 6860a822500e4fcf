/** The Python that reads what fdunn writes. */

import { join } from "@std/path";
import { root } from "./child.ts";

/**
 * Runs a Python program in the environment that `scripts/make_venv.sh` makes;
 * returns what it printed.
 *
 * @throws Error when the environment is missing, or the program fails: with
 * what it wrote to standard error.
 */
export async function runPython(
  program: string,
  args: readonly string[] = [],
): Promise<string> {
  const python = join(root, ".scratch/venv/bin/python");
  const { code, stdout, stderr } = await new Deno.Command(python, {
    args: ["-c", program, ...args],
    cwd: root,
    stdin: "null",
  }).output().catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new Error(`${python} is missing: run \`bash scripts/make_venv.sh\``);
  });
  const text = new TextDecoder();
  if (code === 0) return text.decode(stdout);
  throw new Error(`Python exited with ${code}:\n${text.decode(stderr)}`);
}
