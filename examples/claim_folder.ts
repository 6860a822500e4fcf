/** Making run folders. */

import { createFile, WriteError } from "@fdunn/train";
import { join } from "@std/path";
import { UserError, withoutStack } from "./command_line.ts";

/**
 * Makes a run folder, with its `config.json`; returns the text of that.
 *
 * @throws UserError where it has one already, or cannot be written.
 */
export function claimFolder(path: string, config: unknown): string {
  const text = JSON.stringify(config, null, 2) + "\n";
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    const taken = error instanceof Deno.errors.AlreadyExists;
    throw refusal(path, taken ? "there is a file" : withoutStack(error));
  }
  try {
    // Two runs that start at once do not share a folder.
    createFile(join(path, "config.json"), text);
  } catch (error) {
    const taken = error instanceof WriteError && error.code === "EEXIST";
    throw refusal(
      path,
      taken
        ? `${path} holds a training already: choose another folder`
        : withoutStack(error),
    );
  }
  return text;
}

function refusal(path: string, why: string): UserError {
  return new UserError(`--out ${path}: cannot keep the run there: ${why}`);
}
