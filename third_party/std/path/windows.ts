import { escapeForUrl, tidy } from "./segments.ts";

export const SEPARATOR = "\\";

/** A path's drive or share (`C:`, `\\server\share`), and the rest of it. */
function split(path: string): { device: string; rest: string } {
  const device = /^(?:[a-zA-Z]:|[\\/]{2}[^\\/]+[\\/]+[^\\/]+)/.exec(path)?.[0];
  if (device === undefined) return { device: "", rest: path };
  return {
    device: backslashes(device),
    rest: path.slice(device.length),
  };
}

function backslashes(path: string): string {
  return path.replace(/\//g, "\\");
}

function rooted(path: string): boolean {
  return /^[\\/]/.test(path);
}

export function isAbsolute(path: string): boolean {
  const { device, rest } = split(path);
  return rooted(rest) || device.startsWith("\\\\");
}

export function normalize(path: string): string {
  if (path === "") return ".";
  const { device, rest } = split(path);
  const absolute = isAbsolute(path);
  const body = tidy(rest.split(/[\\/]/), !absolute).join("\\");
  const slash = /[\\/]$/.test(rest) && body !== "" ? "\\" : "";
  if (absolute) return `${device}\\${body}${slash}`;
  return `${device}${body === "" ? "." : body}${slash}`;
}

export function join(...paths: string[]): string {
  return normalize(paths.filter((path) => path !== "").join("\\"));
}

export function resolve(paths: string[], cwd: () => string): string {
  let result = "";
  let device = "";
  for (const path of [...paths.toReversed(), ""]) {
    if (isAbsolute(result) && device !== "") break;
    const from = split(path === "" ? cwd() : path);
    const other = device !== "" && from.device !== "" &&
      from.device.toLowerCase() !== device.toLowerCase();
    if (other) continue;
    device ||= from.device;
    if (!rooted(result)) {
      result = result === "" ? from.rest : `${from.rest}\\${result}`;
    }
    if (rooted(result) && device !== "") break;
  }
  return `${device}\\${tidy(result.split(/[\\/]/), false).join("\\")}`;
}

export function relative(
  from: string,
  to: string,
  cwd: () => string,
): string {
  const target = resolve([to], cwd);
  const a = resolve([from], cwd).split("\\").filter((part) => part !== "");
  const b = target.split("\\").filter((part) => part !== "");
  let shared = 0;
  while (
    shared < a.length && shared < b.length &&
    a[shared]?.toLowerCase() === b[shared]?.toLowerCase()
  ) shared++;
  if (shared === 0) return target; // another drive
  const up = a.slice(shared).map(() => "..");
  return [...up, ...b.slice(shared)].join("\\");
}

export function dirname(path: string): string {
  if (path === "") return ".";
  const { device, rest } = split(path);
  const root = rooted(rest) ? rest.slice(0, 1) : "";
  const body = rest.replace(/[\\/]+$/, "");
  const at = Math.max(body.lastIndexOf("\\"), body.lastIndexOf("/"));
  const head = at < 0 ? "" : body.slice(0, at).replace(/[\\/]+$/, "");
  if (head !== "") return device + head;
  return device + root || ".";
}

export function basename(path: string, suffix: string): string {
  const body = split(path).rest.replace(/[\\/]+$/, "");
  const at = Math.max(body.lastIndexOf("\\"), body.lastIndexOf("/"));
  const name = body.slice(at + 1);
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
  const path = decodeURIComponent(
    url.pathname.replace(/\//g, "\\").replace(
      /%(?![0-9A-Fa-f]{2})/g,
      "%25",
    ),
  ).replace(/^\\*([A-Za-z]:)(\\|$)/, "$1\\");
  return url.hostname === "" ? path : `\\\\${url.hostname}${path}`;
}

export function toFileUrl(path: string): URL {
  const [, hostname, pathname] =
    /^(?:[/\\]{2}([^/\\]+)(?=[/\\](?:[^/\\]|$)))?(.*)/.exec(path) ?? [];
  const url = new URL("file:///");
  url.pathname = escapeForUrl((pathname ?? path).replace(/\\/g, "/"));
  if (hostname !== undefined && hostname !== "localhost") {
    url.hostname = hostname;
  }
  return url;
}
