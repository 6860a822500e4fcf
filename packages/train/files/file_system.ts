/** Files through Node's modules, loaded when first used: browsers have none. */

type FileSystem = typeof import("node:fs");
type Path = typeof import("node:path");

interface HostProcess {
  getBuiltinModule?(name: string): unknown;
  pid?: number;
}

function hostProcess(): HostProcess | undefined {
  return (globalThis as { process?: HostProcess }).process;
}

function load(name: string): unknown {
  const module = hostProcess()?.getBuiltinModule?.(name);
  if (module === undefined) {
    throw new Error(
      "Files can be written in Deno and in Node from 20.16 on, not here",
    );
  }
  return module;
}

/** `node:fs`. */
export function fileSystem(): FileSystem {
  return load("node:fs") as FileSystem;
}

/** SHA-256 of bytes in parts, in hexadecimal. */
export function sha256(...parts: Uint8Array[]): string {
  const { createHash } = load("node:crypto") as typeof import("node:crypto");
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/** `node:path`. */
export function pathModule(): Path {
  return load("node:path") as Path;
}

/** What tells this process from others of the machine. */
export function processId(): number {
  return hostProcess()?.pid ?? 0;
}
