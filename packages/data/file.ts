/**
 * Reading files in every runtime that has some. `node:` modules are looked up
 * when a file is read, so that browsers can load this package.
 */

/** The parts of `node:fs/promises` in use. */
interface FileSystem {
  readFile(path: string | URL): Promise<Uint8Array<ArrayBuffer>>;
}

/** The parts of `process` in use. */
interface Process {
  getBuiltinModule?(name: string): unknown;
  readonly versions: Readonly<Record<string, string | undefined>>;
  cwd(): string;
}

/** The global `process` of Deno and Node; undefined in browsers. */
export const hostProcess: Process | undefined =
  (globalThis as { process?: Process }).process;

/** A module of the runtime, or undefined in a browser. */
export function builtinModule<T>(name: string): T | undefined {
  return hostProcess?.getBuiltinModule?.(name) as T | undefined;
}

/** The bytes of a file, decompressed if it is gzipped; null if it is missing. */
export async function readFile(
  path: string | URL,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const fs = builtinModule<FileSystem>("node:fs/promises");
  if (fs === undefined) {
    throw new Error(
      `Cannot read ${
        shown(path)
      }: there are no files here, use Deno or Node 20.16 and later`,
    );
  }
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await fs.readFile(path);
  } catch (error) {
    const { name, code, message } = error as Error & { code?: string };
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    if (name === "NotCapable" || code === "ERR_ACCESS_DENIED") {
      throw refused(path);
    }
    throw new Error(`Cannot read ${shown(path)}: ${message}`);
  }
  return bytes[0] === 0x1f && bytes[1] === 0x8b
    ? await gunzip(bytes, shown(path))
    : bytes;
}

/** The error for a path that the user has not permitted to read. */
function refused(path: string | URL): Error {
  const flag = hostProcess?.versions.deno === undefined
    ? "--allow-fs-read"
    : "--allow-read";
  const folder = shown(path).replace(/[/\\][^/\\]*$/, "");
  return new Error(
    `Reading ${shown(path)} is not permitted: run again with ${flag}=${folder}`,
  );
}

/** The path of a URL. */
export function shown(path: string | URL): string {
  return typeof path === "string" ? path : decodeURIComponent(path.pathname);
}

async function gunzip(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    const { message } = error as Error;
    throw new RangeError(
      `${name} is not a whole gzip file of ${bytes.length} bytes: ${message}`,
    );
  }
}
