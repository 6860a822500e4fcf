/** The dashboard's server: this machine's own pages only, with a secret. */

import type { Command, Feed, Message } from "./feed.ts";
import { PAGE_FILES } from "./page_files.ts";

type Http = typeof import("node:http");
type Server = import("node:http").Server;
type Request = import("node:http").IncomingMessage;
type Response = import("node:http").ServerResponse;

/** A request's body may not be longer. */
const BODY_LIMIT = 1000;
/** A page that has not taken so many bytes is too slow. */
const STREAM_LIMIT = 1 << 20;
/** Proxies and sleeping tabs lose streams that say nothing for long. */
const HEARTBEAT_MS = 15_000;

/** What every answer says: nothing may frame, cache, sniff or refer to it. */
const HEADERS: Readonly<Record<string, string>> = {
  "Cache-Control": "no-store",
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/**
 * Serves the page, what a {@linkcode Feed} tells as a stream of events, and
 * takes commands: on the loopback interface, below an address that holds a
 * random token, to pages of that address alone.
 */
export class DashboardServer {
  readonly #feed: Feed;
  readonly #obey: ((command: Command) => void) | null;
  readonly #token: string;
  readonly #streams: Set<Response> = new Set();
  #server: Server | null = null;
  #port = 0;

  /** Serves nothing yet; without `obey` there are no commands. */
  constructor(feed: Feed, obey: ((command: Command) => void) | null) {
    this.#feed = feed;
    this.#obey = obey;
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    this.#token = Array.from(bytes, (b) => b.toString(16).padStart(2, "0"))
      .join("");
  }

  /** What to open in a browser. */
  get url(): string {
    return `http://127.0.0.1:${this.#port}/${this.#token}/`;
  }

  /**
   * Begins to listen; port 0 takes one that is free.
   *
   * @throws Error when the port is taken.
   */
  async listen(port: number): Promise<void> {
    const server = nodeHttp().createServer((request, response) =>
      this.#answer(request, response)
    );
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
    this.#server = server;
    const address = server.address();
    this.#port = typeof address === "object" ? address!.port : 0;
  }

  /** Ends all streams and stops listening. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    for (const stream of this.#streams) stream.end();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections?.();
    await closed;
  }

  #answer(request: Request, response: Response): void {
    const refusal = this.#refusal(request);
    if (refusal !== null) return send(response, 403, "text/plain", refusal);
    const name = request.url!.slice(this.#token.length + 2);
    if (name === "command" && this.#obey !== null) {
      if (request.method !== "POST") {
        return send(response, 405, "text/plain", "POST only");
      }
      this.#command(request, response);
      return;
    }
    if (request.method !== "GET") {
      return send(response, 405, "text/plain", "GET only");
    }
    if (name === "events") return this.#stream(request, response);
    const page = name === "" ? "page.html" : name;
    if (!Object.hasOwn(PAGE_FILES, page)) {
      return send(response, 404, "text/plain", "There is no such page");
    }
    const { type, body } = PAGE_FILES[page]!;
    send(response, 200, type, body);
  }

  /** Why a request is not answered; null if it is. */
  #refusal({ url = "", headers, method }: Request): string | null {
    // A name that a foreign page made to mean this machine is no name of ours.
    const hosts = [`127.0.0.1:${this.#port}`, `localhost:${this.#port}`];
    if (!hosts.includes(headers.host ?? "")) return "Unknown host";
    if (!url.startsWith(`/${this.#token}/`)) return "The token is missing";
    const own = hosts.map((host) => `http://${host}`);
    const { origin } = headers;
    if (origin !== undefined && !own.includes(origin)) {
      return "Other pages may not ask";
    }
    const site = headers["sec-fetch-site"];
    if (site !== undefined && site !== "same-origin" && site !== "none") {
      return "Other pages may not ask";
    }
    if (method === "POST" && origin === undefined) return "Who asks?";
    return null;
  }

  #stream(request: Request, response: Response): void {
    response.writeHead(200, {
      ...HEADERS,
      "Content-Type": "text/event-stream",
    });
    const write = (message: Message) =>
      response.write(`data: ${JSON.stringify(message)}\n\n`);
    const all = (): Message => ({
      kind: "snapshot",
      snapshot: this.#feed.snapshot,
    });
    // A page that is too slow hears nothing for a while, and then all at once.
    let behind = false;
    const tell = (message: Message) => {
      behind ||= response.writableLength > STREAM_LIMIT;
      if (!behind) write(message);
    };
    response.on("drain", () => {
      if (behind) write(all());
      behind = false;
    });
    write(all());
    const end = this.#feed.listen(tell);
    const beat = setInterval(() => response.write(":\n\n"), HEARTBEAT_MS);
    this.#streams.add(response);
    const close = () => {
      end();
      clearInterval(beat);
      this.#streams.delete(response);
    };
    request.on("close", close);
    response.on("close", close);
  }

  async #command(request: Request, response: Response): Promise<void> {
    let body = "";
    try {
      for await (const part of request) {
        body += part;
        if (body.length > BODY_LIMIT) {
          return send(response, 413, "text/plain", "The command is too long");
        }
      }
    } catch {
      return; // who asked has gone: that is no reason to end the training
    }
    let command: Command;
    try {
      command = parseCommand(body);
    } catch (error) {
      return send(response, 400, "text/plain", (error as Error).message);
    }
    this.#obey!(command);
    send(response, 200, "application/json", "{}");
  }
}

/** @throws RangeError when it is none. */
function parseCommand(text: string): Command {
  let command: Partial<Command> | null;
  try {
    command = JSON.parse(text);
  } catch {
    throw new RangeError("The command is no JSON");
  }
  switch (command?.kind) {
    case "pause":
    case "resume":
    case "stop":
      return { kind: command.kind };
    case "learningRate": {
      const { value } = command;
      if (typeof value === "number" && Number.isFinite(value) && value >= 0) {
        return { kind: "learningRate", value };
      }
      throw new RangeError("A learning rate is a number of at least 0");
    }
    default:
      throw new RangeError("There is no such command");
  }
}

function send(
  response: Response,
  status: number,
  type: string,
  body: string,
): void {
  response.writeHead(status, {
    ...HEADERS,
    "Content-Type": `${type}; charset=utf-8`,
  });
  response.end(body);
}

function nodeHttp(): Http {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): unknown };
  };
  const http = process?.getBuiltinModule?.("node:http");
  if (http !== undefined) return http as Http;
  throw new Error("A dashboard is served by Deno or Node, not here");
}
