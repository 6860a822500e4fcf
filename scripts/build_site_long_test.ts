import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { dirname, fromFileUrl, join } from "@std/path";
import { entryPoints } from "./lint_docs.ts";

const root = fromFileUrl(new URL("..", import.meta.url));

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** Links of a page to files of the site that are not there. */
function brokenLinks(page: string): string[] {
  const html = Deno.readTextFileSync(page);
  return [...html.matchAll(/(?:href|src)="([^"]*)"/g)]
    .map(([, url]) => url!.replaceAll("&#x2F;", "/").replace(/#.*/, ""))
    .filter((url) => url !== "" && !/^[a-z]+:/.test(url))
    .filter((url) => !isFile(join(dirname(page), decodeURI(url))));
}

Deno.test("the site has README in front, a reference of every entry point and no broken link", async () => {
  const site = ".scratch/site-test";
  const { code, stderr } = await new Deno.Command("deno", {
    args: [
      "run",
      "-q",
      "--no-prompt",
      "-P=site",
      "scripts/build_site.ts",
      site,
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdout: "null",
    stderr: "piped",
  }).output();
  assertEquals(new TextDecoder().decode(stderr), "");
  assertEquals(code, 0);
  const folder = join(root, site);
  const front = Deno.readTextFileSync(join(folder, "index.html"));
  assertStringIncludes(front, "PyTorch for TypeScript: eager tensors");
  const entries = entryPoints(root);
  assert(entries.length >= 9, `${entries.length} entry points`);
  for (const { specifier } of entries) {
    const page = `${specifier.replace("@fdunn/", "api/")}/index.html`;
    assertStringIncludes(front, `<a href="${page}"><code>${specifier}</code>`);
    assert(isFile(join(folder, page)), page);
  }
  const solve = join(folder, "api/tensor/linalg/~/solve.html");
  assertStringIncludes(Deno.readTextFileSync(solve), "torch.linalg.solve");
  const pages: string[] = [];
  const walk = (at: string) => {
    for (const { name, isDirectory } of Deno.readDirSync(at)) {
      // What deno doc links inside a reference is its own business.
      if (isDirectory && name !== "~") walk(join(at, name));
      else if (name === "index.html") pages.push(join(at, name));
    }
  };
  walk(folder);
  const broken = pages.flatMap((page) =>
    brokenLinks(page).map((url) => `${page.slice(folder.length)}: ${url}`)
  );
  assertEquals(broken, []);
  await Deno.remove(folder, { recursive: true });
});
