/** One library's program, which waits for its turn. */

import type { Command } from "./libraries.ts";
import type { Report, Request } from "./measure.ts";

/** Why a program gave no answer. */
export class Silent extends Error {}

/** A process that answers a line of JSON with one (see `measure.ts`). */
export class Peer {
  readonly #child: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<string>;
  readonly #errors: Promise<string>;
  #rest = "";

  /** Starts the program; it computes nothing yet. */
  constructor({ program, args, env = {} }: Command) {
    this.#child = new Deno.Command(program, {
      args,
      env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    this.#output = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    this.#errors = new Response(this.#child.stderr).text();
  }

  /** Its answer; throws when it has none within `limit` seconds, or ends. */
  async ask(request: Request, limit: number): Promise<Report> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#child.kill("SIGKILL");
    }, limit * 1000);
    try {
      const line = new TextEncoder().encode(JSON.stringify(request) + "\n");
      await this.#input.write(line).catch(() => {}); // its end says why
      return JSON.parse(await this.#line());
    } catch (error) {
      if (late) throw new Silent(`not finished in ${limit} s`);
      if (!(error instanceof Silent)) throw error;
      const lines = (await this.#errors).trim().split("\n");
      // Python's last line says what happened, Deno's first.
      const why = lines[0]!.startsWith("Traceback") ? lines.at(-1) : lines[0];
      throw new Silent(`failed: ${why}`);
    } finally {
      clearTimeout(timer);
    }
  }

  /** The next line that begins like an object; libraries print others. */
  async #line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf("\n");
      if (end >= 0) {
        const line = this.#rest.slice(0, end);
        this.#rest = this.#rest.slice(end + 1);
        if (line.startsWith("{")) return line;
        continue;
      }
      const { value, done } = await this.#output.read();
      if (done) throw new Silent("ended");
      this.#rest += value;
    }
  }

  /** Ends the program, whatever it does. */
  async stop(): Promise<void> {
    await this.#input.close().catch(() => {});
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended by itself.
    }
    await this.#output.cancel().catch(() => {});
    await Promise.all([this.#errors, this.#child.status]);
  }
}
