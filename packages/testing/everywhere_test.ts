import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { root, run, runOk, scratchFolder } from "./child.ts";
import { MockRegistry } from "./mock_registry.ts";

const program = fromFileUrl(new URL("./everywhere.ts", import.meta.url));

/** What the program prints. */
interface Figures {
  losses: number[];
  singularValues: number[];
}

/** Those of the program in Deno, from the sources, without permissions. */
let reference: Promise<Figures> | null = null;

function figures(): Promise<Figures> {
  const args = ["run", "--quiet", "--no-prompt", program];
  reference ??= runOk("deno", args).then(read);
  return reference;
}

function read(output: string): Figures {
  return JSON.parse(output) as Figures;
}

Deno.test("training in memory asks for no permission", async () => {
  const { losses: values, singularValues } = await figures();
  assertEquals([values.length, singularValues.length], [21, 10]);
  assert(values.every(Number.isFinite));
  assertLess(values.at(-1)!, values[0]!);
});

Deno.test("a bundle trains in Node 20 with the same bits", async () => {
  using folder = scratchFolder("bundle");
  const bundle = join(folder.path, "everywhere.mjs");
  await runOk("deno", [
    "bundle",
    "--quiet",
    "--no-lock",
    program,
    "-o",
    bundle,
  ]);
  assertEquals(read(await runOk("node", [bundle])), await figures());
});

Deno.test("the packages work from a registry, outside the workspace", async () => {
  using folder = scratchFolder("registry");
  const registry = new MockRegistry();
  try {
    for (const name of ["assert", "cli", "path"]) {
      registry.addFolder(join(root, "third_party/std", name));
    }
    const env = { JSR_URL: registry.url, DENO_DIR: join(folder.path, "deno") };
    // What each package says to users is in its files: check nothing twice.
    const flags = ["--no-check", "--allow-dirty", "--no-provenance"];
    await runOk("deno", ["publish", ...flags, "--token", "mock"], { env });
    const ours = registry.published.filter((it) => it.startsWith("@fdunn/"));
    assertEquals(ours.sort(), [
      "@fdunn/data@0.1.0",
      "@fdunn/nn@0.1.0",
      "@fdunn/optim@0.1.0",
      "@fdunn/tensor@0.1.0",
      "@fdunn/train@0.1.0",
      "@fdunn/wasm-kernels@0.1.0",
    ]);
    for (const name of ours) {
      const [, path = "", version = ""] = /^(.+)@(.+)$/.exec(name) ?? [];
      const files = registry.files(path, version);
      assertGreater(files.length, 1);
      const odd = files.filter((file) =>
        /_(test|bench)\.ts$|\.rs$|fixtures|target|Cargo/.test(file)
      );
      assertEquals(odd, [], `${name} carries what its users never need`);
    }

    const user = join(folder.path, "main.ts");
    const text = await Deno.readTextFile(program);
    await Deno.writeTextFile(
      user,
      text.replaceAll(
        /"(@fdunn\/[a-z]+)(\/[a-z]+)?"/g,
        (_, name: string, entry = "") => `"jsr:${name}@^0.1.0${entry}"`,
      ),
    );
    const alone = ["--no-config", "--no-lock", "--quiet", "--no-prompt"];
    const from = `--allow-import=${registry.host}`;
    const output = await runOk("deno", ["run", ...alone, from, user], {
      cwd: folder.path,
      env,
    });
    assertEquals(read(output), await figures());

    // The types that users see are complete too.
    const check = ["check", "--no-config", "--no-lock", from, user];
    const checked = await run("deno", check, { cwd: folder.path, env });
    assertEquals(checked.code, 0, checked.stderr);
    assertStringIncludes(registry.published.join(), "@std/path");
  } finally {
    await registry.close();
  }
});
