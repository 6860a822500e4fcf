/**
 * Bundles the dashboard's page and its library, uPlot, into
 * `packages/train/dashboard/page_files.ts`: nothing is loaded from elsewhere
 * when the page is shown.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

const root = fromFileUrl(new URL("..", import.meta.url));
const dashboard = join(root, "packages/train/dashboard");
const page = join(dashboard, "page");
const output = join(dashboard, "page_files.ts");

/** What the bundle is made of. */
const SOURCES = [
  "feed.ts",
  ...["charts.ts", "deno.json", "deno.lock"].map((name) => `page/${name}`),
  ...["page.css", "page.html", "page.ts"].map((name) => `page/${name}`),
];

/** SHA-256 of the page's sources, as the bundle's header gives it. */
export async function hashPageSources(): Promise<string> {
  const texts = SOURCES.map((name) =>
    Deno.readTextFileSync(join(dashboard, name))
  );
  const bytes = new TextEncoder().encode(texts.join("\0"));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (b) => b.toString(16).padStart(2, "0")).join("");
}

async function bundlePage(): Promise<Record<"js" | "css", string>> {
  const folder = join(root, ".scratch/dashboard_page");
  const { code, stderr } = await new Deno.Command("deno", {
    args: [
      ...["bundle", "--quiet", "--minify", "--platform=browser"],
      ...["-c", join(page, "deno.json"), "--outdir", folder],
      join(page, "page.ts"),
    ],
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  const read = (name: string) => Deno.readTextFileSync(join(folder, name));
  return { js: read("page.js"), css: read("page.css") };
}

if (import.meta.main) {
  const { js, css } = await bundlePage();
  const html = Deno.readTextFileSync(join(page, "page.html"));
  const files = {
    "page.html": { type: "text/html", body: html },
    "page.js": { type: "text/javascript", body: js },
    "page.css": { type: "text/css", body: css },
  };
  const text =
    `// Made by \`deno task dashboard:build\` from page/: do not edit.
// Sources: ${await hashPageSources()}
// With uPlot, https://github.com/leeoniya/uPlot, (c) Leon Sorokin, MIT licence.

/** What the dashboard's server answers, by name. */
export const PAGE_FILES: Readonly<
  Record<string, { type: string; body: string }>
> = ${JSON.stringify(files, null, 2)};
`;
  Deno.writeTextFileSync(output, text);
  console.log(`${output}: ${(text.length / 1024).toFixed(0)} KB`);
}
