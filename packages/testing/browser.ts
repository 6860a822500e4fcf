/**
 * Pages in a real browser, headless Chromium, for the tests that are named
 * `*_browser_test.ts` (`deno task test:browser`).
 */

import { join } from "@std/path";
import { runOk, scratchFolder } from "./child.ts";

/** What a page asks for by its path, and gets. */
export interface ServedFile {
  /** The media type, such as `text/html`. */
  type: string;
  /** What is in the file. */
  body: string;
}

/** What the tests use of puppeteer's `Page`: https://pptr.dev/api/puppeteer.page */
export interface Page {
  /** Opens an address. */
  goto(url: string): Promise<unknown>;
  /** Runs a function, or an expression, in the page; gives what it returns. */
  evaluate<T>(
    program: string | ((...args: never[]) => T),
    ...args: unknown[]
  ): Promise<Awaited<T>>;
  /** Waits until an expression is true in the page. */
  waitForFunction(
    program: string,
    options?: { timeout?: number },
  ): Promise<unknown>;
  /** Waits until a selector finds something. */
  waitForSelector(
    selector: string,
    options?: { timeout?: number },
  ): Promise<unknown>;
  /** Clicks on what a selector finds. */
  click(selector: string): Promise<void>;
  /** Types into what a selector finds. */
  type(selector: string, text: string): Promise<void>;
  /** The keyboard. */
  keyboard: { press(key: string): Promise<void> };
  /** Makes a picture of the page. */
  screenshot(options: { path: string; fullPage?: boolean }): Promise<unknown>;
  /** Sets the page's size in pixels. */
  setViewport(size: { width: number; height: number }): Promise<void>;
  /** Sets media features such as `prefers-color-scheme`. */
  emulateMediaFeatures(
    features: { name: string; value: string }[],
  ): Promise<void>;
  /** Tells of messages on the console, of errors, of requests. */
  on(
    event: "console" | "pageerror" | "requestfailed",
    listener: (message: { text(): string } & Error) => void,
  ): unknown;
}

interface Puppeteer {
  launch(options: Record<string, unknown>): Promise<
    { newPage(): Promise<Page>; close(): Promise<void> }
  >;
}

/**
 * Calls `test` with a new page of a new browser, which is closed afterwards.
 * An error that the page does not catch makes the test fail.
 *
 * @throws Error when Chromium is not installed as `chromium`.
 */
export async function withPage(
  test: (page: Page) => Promise<void>,
): Promise<void> {
  // Computed: whoever imports this module would download the package.
  const name = ["npm:puppeteer-core", "25.16.0"].join("@");
  const { default: puppeteer } = await import(name) as { default: Puppeteer };
  using scratch = scratchFolder("chromium");
  const browser = await puppeteer.launch({
    executablePath: "/usr/bin/chromium",
    // Machines that test run as root, where Chromium's sandbox cannot start.
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
    userDataDir: join(scratch.path, "profile"),
  });
  const errors: Error[] = [];
  try {
    const page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(error));
    await test(page);
  } finally {
    await browser.close();
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Serves files on this machine until disposed of. `isolated` pages may share
 * memory between threads: https://web.dev/articles/coop-coep
 */
export function serveFiles(
  files: Readonly<Record<string, ServedFile>>,
  { isolated = false }: { isolated?: boolean } = {},
): { url: string } & AsyncDisposable {
  const isolation = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
  };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const file = files[new URL(request.url).pathname];
      if (file === undefined) return new Response(null, { status: 404 });
      const headers = { "Content-Type": file.type };
      return new Response(file.body, {
        headers: isolated ? { ...headers, ...isolation } : headers,
      });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A program, given by its path, as one module for pages to import. */
export async function bundleForPage(program: string): Promise<ServedFile> {
  using folder = scratchFolder("bundle");
  const output = join(folder.path, "program.js");
  const args = ["bundle", "--quiet", "--no-lock", "--platform=browser"];
  await runOk("deno", [...args, program, "-o", output]);
  return { type: "text/javascript", body: Deno.readTextFileSync(output) };
}
