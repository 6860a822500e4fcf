/**
 * A local stand-in for `jsr:@std/path`: the same names, signatures and
 * behaviour for the functions that this repository uses, by the rules of the
 * platform that it runs on.
 *
 * @module
 */

import * as posix from "./posix.ts";
import * as windows from "./windows.ts";

const isWindows: boolean = globalThis.Deno?.build.os === "windows" ||
  globalThis.navigator?.platform?.startsWith("Win") === true;
const rules = isWindows ? windows : posix;

/** The separator of path segments: `/`, or `\` on Windows. */
export const SEPARATOR: "/" | "\\" = rules.SEPARATOR;

/** Whether the path starts at a root. */
export function isAbsolute(path: string): boolean {
  return rules.isAbsolute(path);
}

/** Resolves `.` and `..` and doubled separators; `""` becomes `"."`. */
export function normalize(path: string | URL): string {
  return rules.normalize(text(path));
}

/** Joins the segments and normalizes the result. */
export function join(path?: string | URL, ...paths: string[]): string {
  if (path === undefined) return ".";
  return rules.join(text(path), ...paths);
}

/** An absolute path from segments, the last absolute one first. */
export function resolve(...pathSegments: string[]): string {
  return rules.resolve(pathSegments, cwd);
}

/** The path that leads from `from` to `to`. */
export function relative(from: string, to: string): string {
  return rules.relative(from, to, cwd);
}

/** The path without its last segment. */
export function dirname(path: string | URL): string {
  return rules.dirname(text(path));
}

/** The last segment of the path, without `suffix` if it ends so. */
export function basename(path: string | URL, suffix = ""): string {
  return rules.basename(text(path), suffix);
}

/** The extension of the last segment with its dot, or `""`. */
export function extname(path: string | URL): string {
  return rules.extname(text(path));
}

/** The path that a `file:` URL names. */
export function fromFileUrl(url: string | URL): string {
  return rules.fromFileUrl(fileUrl(url));
}

/** The `file:` URL of an absolute path. */
export function toFileUrl(path: string): URL {
  if (!rules.isAbsolute(path)) {
    throw new TypeError(`Path must be absolute: received "${path}"`);
  }
  return rules.toFileUrl(path);
}

function text(path: string | URL): string {
  return path instanceof URL ? fromFileUrl(path) : path;
}

function fileUrl(url: string | URL): URL {
  const parsed = new URL(url);
  if (parsed.protocol === "file:") return parsed;
  throw new TypeError(
    `URL must be a file URL: received "${parsed.protocol}"`,
  );
}

function cwd(): string {
  return Deno.cwd();
}
