import { bundleForPage, serveFiles, withPage } from "@fdunn/testing";
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { fromFileUrl } from "@std/path";

const path = (name: string) => fromFileUrl(import.meta.resolve(name));

/** Trains in a worker for some seconds while it counts the page's frames. */
const PAGE = `
const { trainInWorker } = await import("/train.js");
const frames = [];
let running = true;
let last = performance.now();
requestAnimationFrame(function frame() {
  const now = performance.now();
  frames.push(now - last);
  last = now;
  if (running) requestAnimationFrame(frame);
});
const stopper = new AbortController();
setTimeout(() => stopper.abort(), 3000);
let reports = 0;
const worker = new Worker("/worker.js", { type: "module" });
const { state, history } = await trainInWorker(worker, {
  config: { epochs: 1000, batchSize: 64 },
  signal: stopper.signal,
  onProgress: () => reports++,
});
running = false;
return { frames, reports, tensors: Object.keys(state).length,
  loss: history.at(-1).trainLoss };
`;

Deno.test("a page draws its frames while a worker trains a CNN", async () => {
  await using server = serveFiles({
    "/": { type: "text/html", body: "<!doctype html><p>fdunn</p>" },
    "/train.js": await bundleForPage(path("@fdunn/train")),
    "/worker.js": await bundleForPage(path("@fdunn/testing/worker_module")),
  }, { isolated: true });
  await withPage(async (page) => {
    await page.goto(server.url);
    const found = await page.evaluate<
      { frames: number[]; reports: number; tensors: number; loss: number }
    >(`(async () => { ${PAGE} })()`);
    assertEquals(found.tensors, 6);
    assertLess(found.loss, 2.5);
    assertGreater(found.reports, 10);
    // The first frames come while the page still loads; of the others a busy
    // machine may delay a few.
    const frames = found.frames.slice(5).sort((a, b) => a - b);
    assertGreater(frames.length, 60);
    assertLess(frames[Math.floor(0.97 * frames.length)]!, 50);
  });
});
