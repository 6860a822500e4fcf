/** Where in the user's program something was called. */

/** Frames looked at: deep enough for modules within modules. */
const FRAMES = 50;

/**
 * The user's file, line and column as `file:line:column`: the innermost frame
 * that is not of fdunn's own packages; null where the engine does not tell, or
 * a bundle has made one file of all.
 */
export function callSite(): string | null {
  return callSiteOf(stackHere(""));
}

/** An error that knows its stack; engines make text of it when it is read. */
export function stackHere(message: string): Error {
  const engine = Error as { stackTraceLimit?: number };
  const before = engine.stackTraceLimit;
  engine.stackTraceLimit = FRAMES;
  const error = new Error(message);
  if (before !== undefined) engine.stackTraceLimit = before;
  return error;
}

/** {@linkcode callSite} of where an error was made. */
export function callSiteOf(error: Error): string | null {
  return userFrame(error.stack?.split("\n") ?? [], import.meta.url);
}

/** The innermost frame outside of the packages beside this file's. */
export function userFrame(
  lines: readonly string[],
  own: string,
): string | null {
  const at = own.lastIndexOf("tensor/");
  if (at < 0) return null;
  const packages = own.slice(0, at);
  for (const line of lines) {
    const frame = /(\w+:\/\/[^\s()]+:\d+:\d+)/.exec(line)?.[1];
    if (frame === undefined) continue;
    const ours = ["tensor/", "nn/", "train/"].some((name) =>
      frame.startsWith(packages + name)
    );
    if (!ours || /_test\.ts:/.test(frame)) return frame;
  }
  return null;
}
