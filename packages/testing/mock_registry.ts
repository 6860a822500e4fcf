/**
 * As much of the JSR registry as `deno publish` and an import of `jsr:` need,
 * on loopback: the only offline proof of what users of the packages get.
 *
 * @module
 */
import { join } from "@std/path";

/** The files of one published version by path, such as `/mod.ts`. */
type Files = Map<string, Uint8Array<ArrayBuffer>>;

interface Config {
  name: string;
  version: string;
  exports: string | Record<string, string>;
}

/** A registry that forgets everything when it is closed. */
export class MockRegistry {
  /** What was published, as `@scope/name@version`. */
  readonly published: string[] = [];
  /** Paths that were asked for and not found. */
  readonly missing: string[] = [];
  readonly #packages = new Map<string, Map<string, Files>>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Starts to listen on a free port of 127.0.0.1. */
  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /** Host and port, as `--allow-import` wants them. */
  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  /** The value for `JSR_URL`. */
  get url(): string {
    return `http://${this.host}/`;
  }

  /** Stops listening. */
  async close(): Promise<void> {
    await this.#server.shutdown();
  }

  /** Publishes the TypeScript files of a folder and its deno.json as they are. */
  addFolder(folder: string): void {
    const files: Files = new Map();
    for (const { name, isFile } of Deno.readDirSync(folder)) {
      if (!isFile || name.endsWith("_test.ts")) continue;
      files.set(`/${name}`, Deno.readFileSync(join(folder, name)));
    }
    this.#add(files);
  }

  /** The paths of a published version. */
  files(name: string, version: string): string[] {
    const files = this.#packages.get(name)?.get(version);
    return [...files?.keys() ?? []].sort();
  }

  #add(files: Files): void {
    const { name, version } = configOf(files);
    const versions = this.#packages.get(name) ?? new Map<string, Files>();
    this.#packages.set(name, versions.set(version, files));
    this.published.push(`${name}@${version}`);
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const found = pathname.startsWith("/api/")
      ? await this.#api(request, pathname.slice("/api/".length))
      : await this.#file(pathname);
    if (found) return found;
    this.missing.push(`${request.method} ${pathname}`);
    return Response.json({ code: "notFound", message: "Not found" }, {
      status: 404,
    });
  }

  async #api(request: Request, path: string): Promise<Response | null> {
    // A task is never pending here, so its id need not say anything.
    const task = { id: "task", status: "success", error: null };
    if (path.startsWith("publish_status/")) return Response.json(task);
    const [, scope, name, version] =
      /^scopes\/([^/]+)\/packages\/([^/]+)(?:\/versions\/([^/]+))?$/
        .exec(path) ?? [];
    if (scope === undefined) return null;
    if (version === undefined) return Response.json({ scope, name });
    if (request.method !== "POST" || request.body === null) return null;
    const gzip = request.body.pipeThrough(new DecompressionStream("gzip"));
    this.#add(untar(new Uint8Array(await new Response(gzip).arrayBuffer())));
    return Response.json(task);
  }

  async #file(pathname: string): Promise<Response | null> {
    const [, name = "", rest = ""] =
      /^\/(@[^/]+\/[^/]+)\/(.+)$/.exec(pathname) ??
        [];
    const versions = this.#packages.get(name);
    if (rest === "meta.json" && versions) {
      return Response.json({
        latest: [...versions.keys()].at(-1),
        versions: Object.fromEntries([...versions.keys()].map((v) => [v, {}])),
      });
    }
    const files = versions?.get(rest.replace(/(_meta\.json|\/.*)$/, ""));
    if (!files) return null;
    if (rest.endsWith("_meta.json")) {
      const { exports } = configOf(files);
      const manifest: Record<string, unknown> = {};
      for (const [path, bytes] of files) {
        const hash = new Uint8Array(
          await crypto.subtle.digest("SHA-256", bytes),
        );
        const checksum = `sha256-${hash.toHex()}`;
        manifest[path] = { size: bytes.length, checksum };
      }
      return Response.json({
        manifest,
        exports: typeof exports === "string" ? { ".": exports } : exports,
      });
    }
    const bytes = files.get(rest.slice(rest.indexOf("/")));
    return bytes
      ? new Response(bytes, { headers: { "content-type": "text/typescript" } })
      : null;
  }
}

function configOf(files: Files): Config {
  const bytes = files.get("/deno.json");
  if (!bytes) throw new Error("A package without a deno.json was published");
  return JSON.parse(new TextDecoder().decode(bytes)) as Config;
}

/** The regular files of a ustar archive. */
function untar(archive: Uint8Array<ArrayBuffer>): Files {
  const files: Files = new Map();
  const text = (from: number, length: number) =>
    new TextDecoder().decode(archive.subarray(from, from + length))
      .replace(/\0.*$/s, "");
  for (let at = 0; archive[at];) {
    const size = parseInt(text(at + 124, 12), 8);
    const prefix = text(at + 345, 155);
    const name = text(at, 100).replace(/^\.?\//, "");
    const body = archive.slice(at + 512, at + 512 + size);
    const kind = text(at + 156, 1);
    if (kind === "0" || kind === "") {
      files.set(`/${prefix === "" ? "" : `${prefix}/`}${name}`, body);
    } else if (kind !== "5") {
      throw new Error(`The archive has an entry of type ${kind}: ${name}`);
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}
