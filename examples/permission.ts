/** Asking for permissions before the work begins. */

import { basename, resolve } from "@std/path";
import { UserError } from "./command_line.ts";

/** A path that a program wants to use, and why. */
export interface Access {
  /** Such as `--out runs/one`; opens the message. */
  what: string;
  /** The path. */
  path: string;
  /** What for. */
  kinds: readonly ("read" | "write")[];
}

/** Programs with a permission set of their own name; the others look. */
const SETS = ["train", "predict"];

/**
 * Throws unless this program may use a path: Deno would ask in the terminal,
 * or throw, in the middle of the work.
 */
export async function requireAccess(access: Access): Promise<void> {
  const { what, kinds } = access;
  const path = resolve(access.path);
  const refused: string[] = [];
  for (const name of kinds) {
    const { state } = await Deno.permissions.query({ name, path });
    if (state !== "granted") refused.push(name);
  }
  if (refused.length === 0) return;
  // A flag replaces that part of the set, so "." is named again.
  const flags = refused.map((name) =>
    `--allow-${name}=${name === "read" ? ".," : ""}${path}`
  );
  const name = basename(new URL(Deno.mainModule).pathname, ".ts");
  const set = SETS.includes(name) ? name : "look";
  throw new UserError(
    `${what}: no permission to ${
      refused.join(" and ")
    } there; to give it, start with deno run -P=${set} ${
      flags.join(" ")
    } examples/${name}.ts`,
  );
}
