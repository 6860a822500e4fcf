import { assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import {
  bundleForPage,
  type ServedFile,
  serveFiles,
  withPage,
} from "./browser.ts";
import { runOk } from "./child.ts";

const path = (name: string) => fromFileUrl(new URL(name, import.meta.url));

const html = (body: string): ServedFile => ({
  type: "text/html",
  // A browser asks for an icon otherwise, and complains that there is none.
  body: `<!doctype html><meta charset="utf-8"><title>fdunn</title>
    <link rel="icon" href="data:,">${body}`,
});

for (const isolated of [false, true]) {
  const kind = isolated ? "an isolated page" : "an ordinary page";
  Deno.test(`training in ${kind} gives the bits of Deno`, async () => {
    const program = path("./everywhere.ts");
    const args = ["run", "--quiet", "--no-prompt", program];
    const expected = await runOk("deno", args);
    await using server = serveFiles({
      "/": html('<script type="module" src="/program.js"></script>'),
      "/program.js": await bundleForPage(program),
    }, { isolated });
    await withPage(async (page) => {
      const printed = new Promise<string>((resolve) =>
        page.on("console", (message) => resolve(message.text()))
      );
      await page.goto(server.url);
      assertEquals(await page.evaluate("crossOriginIsolated"), isolated);
      assertEquals(JSON.parse(await printed), JSON.parse(expected));
    });
  });

  Deno.test(`a worker of ${kind} uses ${isolated ? 2 : 1} threads`, async () => {
    const worker = `
      import { multiply } from "/program.js";
      postMessage(await multiply());`;
    await using server = serveFiles({
      "/": html("<p>fdunn</p>"),
      "/program.js": await bundleForPage(path("./threads_page.ts")),
      "/worker.js": { type: "text/javascript", body: worker },
    }, { isolated });
    await withPage(async (page) => {
      await page.goto(server.url);
      const found = await page.evaluate<unknown>(`
        new Promise((resolve, reject) => {
          const worker = new Worker("/worker.js", { type: "module" });
          worker.onmessage = (event) => resolve(event.data);
          worker.onerror = (event) => reject(new Error(event.message));
        })`);
      const threads = isolated ? 2 : 1;
      assertEquals(found, { same: true, workers: threads - 1, threads });
    });
  });
}

// It may not wait for a worker there, only look again and again.
Deno.test("the thread that draws an isolated page gets help, too", async () => {
  await using server = serveFiles({
    "/": html("<p>fdunn</p>"),
    "/program.js": await bundleForPage(path("./threads_page.ts")),
  }, { isolated: true });
  await withPage(async (page) => {
    await page.goto(server.url);
    const found = await page.evaluate<unknown>(
      `import("/program.js").then(({ multiply }) => multiply())`,
    );
    assertEquals(found, { same: true, workers: 1, threads: 2 });
  });
});
