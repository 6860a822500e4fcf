import { scratchFolder, withPage } from "@fdunn/testing";
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { viewRuns } from "./viewer.ts";

/** A name that would run a program in a page that trusted it. */
const HOSTILE = "<img src=x onerror=document.title=1>";

function writeRun(folder: string, rate: number): string {
  Deno.mkdirSync(folder);
  const rows = Array.from({ length: 20 }, (_, i) => ({
    epoch: i + 1,
    trainLoss: Math.exp(-rate * i),
    validLoss: Math.exp(-rate * i) + 0.1,
    [HOSTILE]: i,
  }));
  Deno.writeTextFileSync(
    join(folder, "metrics.jsonl"),
    rows.map((row) => JSON.stringify(row) + "\n").join(""),
  );
  Deno.writeTextFileSync(
    join(folder, "config.json"),
    JSON.stringify({ rate, note: HOSTILE, [HOSTILE]: { a: [1, 2] } }),
  );
  return folder;
}

Deno.test("runs are compared in Chromium; their names are only text", async () => {
  using scratch = scratchFolder("viewer");
  const first = writeRun(join(scratch.path, "first"), 0.1);
  const second = writeRun(
    join(scratch.path, `second ${HOSTILE}`.replace("/", "")),
    0.2,
  );
  const viewer = await viewRuns([first, second]);
  try {
    await withPage(async (page) => {
      const failures: string[] = [];
      page.on("console", (message) => failures.push(message.text()));
      await page.goto(viewer.url);
      await page.waitForSelector("canvas");
      const count = (selector: string) =>
        page.evaluate<number>(
          `document.querySelectorAll(${JSON.stringify(selector)}).length`,
        );
      assertEquals(await count("canvas"), 2); // the loss; the hostile figure
      assertEquals(await count("img"), 0);
      assertEquals(await page.evaluate("document.title === '1'"), false);
      assertEquals(
        await page.evaluate("document.querySelector('#controls').hidden"),
        true,
      );
      // Train and validation loss of two runs, and the place.
      assertEquals(await count("figure:first-child .u-series"), 5);
      await page.click("nav label:nth-child(2) input");
      await page.waitForFunction(
        "document.querySelectorAll('figure:first-child .u-series').length === 3",
      );
      assertEquals(failures, []);
    });
  } finally {
    await viewer.close();
  }
});
