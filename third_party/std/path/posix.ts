import { escapeForUrl, tidy } from "./segments.ts";

export const SEPARATOR = "/";

export function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

export function normalize(path: string): string {
  if (path === "") return ".";
  const absolute = isAbsolute(path);
  const body = tidy(path.split("/"), !absolute).join("/");
  const slash = path.endsWith("/") ? "/" : "";
  if (absolute) return body === "" ? "/" : `/${body}${slash}`;
  return (body === "" ? "." : body) + slash;
}

export function join(...paths: string[]): string {
  return normalize(paths.filter((path) => path !== "").join("/"));
}

export function resolve(paths: string[], cwd: () => string): string {
  let result = "";
  for (const path of paths.toReversed()) {
    if (path === "") continue;
    result = result === "" ? path : `${path}/${result}`;
    if (isAbsolute(path)) break;
  }
  if (!isAbsolute(result)) result = `${cwd()}/${result}`;
  return `/${tidy(result.split("/"), false).join("/")}`;
}

export function relative(
  from: string,
  to: string,
  cwd: () => string,
): string {
  const a = segments(resolve([from], cwd));
  const b = segments(resolve([to], cwd));
  let shared = 0;
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) {
    shared++;
  }
  const up = a.slice(shared).map(() => "..");
  return [...up, ...b.slice(shared)].join("/");
}

export function dirname(path: string): string {
  if (path === "") return ".";
  const body = path.replace(/\/+$/, "");
  const at = body.lastIndexOf("/");
  if (at < 0) return isAbsolute(path) ? "/" : ".";
  return body.slice(0, at).replace(/\/+$/, "") || "/";
}

export function basename(path: string, suffix: string): string {
  const body = path.replace(/\/+$/, "");
  if (body === "") return path === "" ? "" : "/";
  const name = body.slice(body.lastIndexOf("/") + 1);
  return suffix !== "" && name !== suffix && name.endsWith(suffix)
    ? name.slice(0, -suffix.length)
    : name;
}

export function extname(path: string): string {
  const name = basename(path, "");
  const at = name.lastIndexOf(".");
  // Names that start with their only dot, and "..", have no extension.
  return at <= 0 || name === ".." ? "" : name.slice(at);
}

export function fromFileUrl(url: URL): string {
  return decodeURIComponent(
    url.pathname.replace(/%(?![0-9A-Fa-f]{2})/g, "%25"),
  );
}

export function toFileUrl(path: string): URL {
  const url = new URL("file:///");
  url.pathname = escapeForUrl(path.replace(/\\/g, "%5C"));
  return url;
}

function segments(path: string): string[] {
  return path.split("/").filter((segment) => segment !== "");
}
