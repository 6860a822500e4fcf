/**
 * Builds the documentation as a site, `.scratch/site` or the folder that is
 * named: `deno task docs:site`.
 *
 * The front page is README.md, the other pages are those of `docs/` and of the
 * packages, and every entry point has its reference. All are rendered by
 * `deno doc --html`: to it a page is the comment of a module without symbols.
 * A link to what does not exist is an error.
 *
 * @module
 */

import { dirname, fromFileUrl, join, relative, resolve } from "@std/path";
import { type EntryPoint, entryPoints } from "./lint_docs.ts";

const root = fromFileUrl(new URL("..", import.meta.url));

/** How many `deno doc` run at a time. */
const AT_ONCE = 3;

/** A Markdown file, and where its page goes. */
interface Page {
  /** Path in the repository. */
  source: string;
  /** Folder in the site. */
  folder: string;
  /** What stands above it. */
  title: string;
}

/** What `deno doc` renders, into a folder that it clears. */
interface Rendering {
  /** What stands above it. */
  name: string;
  /** The module. */
  file: string;
  /** Where it is rendered. */
  draft: string;
  /** Where it goes. */
  folder: string;
}

/** Folder of an entry point's reference: `api/tensor/linalg`. */
function referenceFolder({ specifier }: EntryPoint): string {
  return specifier.replace("@fdunn/", "api/");
}

/** All pages, the front page first. */
function pages(): Page[] {
  const found: Page[] = [
    { source: "README.md", folder: ".", title: "fdunn" },
    {
      source: "CONTRIBUTING.md",
      folder: "contributing",
      title: "Contributing",
    },
  ];
  for (const { name } of Deno.readDirSync(join(root, "docs"))) {
    if (!name.endsWith(".md")) continue;
    const title = name.slice(0, -".md".length);
    const folder = `docs/${title.toLowerCase()}`;
    found.push({ source: `docs/${name}`, folder, title });
  }
  const folders = [...Deno.readDirSync(join(root, "packages"))]
    .map(({ name }) => `packages/${name}`);
  for (const package_ of ["wasm-kernels", "bench", ...folders]) {
    const source = `${package_}/README.md`;
    if (!exists(source)) continue;
    const title = package_.replace("packages/", "@fdunn/");
    found.push({ source, folder: package_, title });
  }
  return found.sort((a, b) => a.folder < b.folder ? -1 : 1);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(join(root, path));
    return true;
  } catch {
    return false;
  }
}

/**
 * Links as the site has them: to pages and to pictures, which are noted. What
 * is in the repository alone loses its link.
 */
function linked(
  page: Page,
  all: readonly Page[],
  pictures: Set<string>,
): string {
  const text = Deno.readTextFileSync(join(root, page.source));
  return text.replace(
    /(!?)\[([^\]]*)\]\(([^)\s]+)\)/g,
    (whole, picture: string, label: string, target: string) => {
      if (/^(https?:|#)/.test(target)) return whole;
      const [path, fragment] = target.split("#") as [string, string?];
      const place = relative(root, resolve(root, dirname(page.source), path));
      if (!exists(place)) {
        throw new Error(
          `${page.source} links to ${target}, which is not there`,
        );
      }
      if (picture === "!") {
        pictures.add(place);
        return `![${label}](${relative(page.folder, place)})`;
      }
      const other = all.find(({ source, folder }) =>
        source === place || (folder === place && folder !== ".")
      );
      if (other === undefined) return label;
      const url = join(relative(page.folder, other.folder), "index.html");
      const where = fragment === undefined ? "" : `#${fragment}`;
      return `[${label}](${url}${where})`;
    },
  );
}

/** What the front page ends with. */
function contents(all: readonly Page[], entries: readonly EntryPoint[]) {
  const list = (items: [name: string, folder: string][]) =>
    items.map(([name, folder]) => `- [${name}](${folder}/index.html)`).join(
      "\n",
    );
  const reference = entries.map((entry): [string, string] => [
    `\`${entry.specifier}\``,
    referenceFolder(entry),
  ]);
  const others = all.filter(({ folder }) => folder !== ".")
    .map(({ title, folder }): [string, string] => [title, folder]);
  return `\n## Reference\n\n${list(reference)}\n\n## Pages\n\n${
    list(others)
  }\n`;
}

/** Markdown as the comment of a module; nothing in it ends or tags that. */
function asModule(markdown: string): string {
  const lines = markdown.replaceAll("*/", "*\u200b/").split("\n")
    .map((line) => ` * ${line.replace(/^(\s*)@/, "$1\u2060@")}`);
  return `/**\n${lines.join("\n")}\n *\n * @module\n */\nexport {};\n`;
}

async function render({ name, file, draft }: Rendering): Promise<void> {
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["doc", "--html", `--name=${name}`, `--output=${draft}`, file],
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
    cwd: root,
  }).output();
  if (code === 0) return;
  throw new Error(`deno doc ${file}: ${new TextDecoder().decode(stderr)}`);
}

/** Renders all, some at a time. */
async function renderAll(renderings: readonly Rendering[]): Promise<void> {
  const rest = renderings.values();
  const worker = async () => {
    for (const rendering of rest) await render(rendering);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Builds the site and returns how many pages and references it has. */
async function build(site: string): Promise<number> {
  const drafts = `${site}.drafts`;
  for (const folder of [site, drafts]) {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.remove(folder, { recursive: true });
  }
  await Deno.mkdir(drafts);
  const all = pages();
  const entries = entryPoints(root);
  const pictures = new Set<string>();
  const renderings: Rendering[] = [];
  const add = (name: string, file: string, folder: string) => {
    const draft = join(drafts, `${renderings.length}`);
    renderings.push({ name, file, draft, folder: join(site, folder) });
  };
  for (const [i, page] of all.entries()) {
    let text = linked(page, all, pictures);
    if (page.folder === ".") text += contents(all, entries);
    const file = join(drafts, `${i}.ts`);
    await Deno.writeTextFile(file, asModule(text));
    add(page.title, file, page.folder);
  }
  for (const entry of entries) {
    add(entry.specifier, entry.file, referenceFolder(entry));
  }
  await renderAll(renderings);
  // Outer folders first: each is moved to where there is none yet.
  for (
    const { draft, folder } of renderings
      .toSorted((a, b) => a.folder.length - b.folder.length)
  ) {
    await Deno.mkdir(dirname(folder), { recursive: true });
    await Deno.rename(draft, folder);
  }
  for (const picture of pictures) {
    await Deno.mkdir(dirname(join(site, picture)), { recursive: true });
    await Deno.copyFile(join(root, picture), join(site, picture));
  }
  await Deno.remove(drafts, { recursive: true });
  return renderings.length;
}

if (import.meta.main) {
  const site = resolve(root, Deno.args[0] ?? ".scratch/site");
  const count = await build(site);
  console.log(`${count} pages: ${join(relative(root, site), "index.html")}`);
}
