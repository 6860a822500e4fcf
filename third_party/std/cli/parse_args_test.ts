// These tests import by name, so that they run on the real @std/cli too.
import { assertEquals } from "@std/assert";
import { parseArgs } from "@std/cli";

Deno.test("parseArgs() guesses types when told nothing", () => {
  assertEquals(
    parseArgs(["-x", "3", "-n5", "-abc", "--beep=boop", "--flag", "1e3", "z"]),
    {
      _: ["z"],
      x: 3,
      n: 5,
      a: true,
      b: true,
      c: true,
      beep: "boop",
      flag: 1e3,
    },
  );
  assertEquals(parseArgs(["5", "a", "0x1f"]), { _: [5, "a", 31] });
});

Deno.test("parseArgs() keeps strings and booleans apart", () => {
  const args = parseArgs(["--lr", "0.1", "--quiet", "file", "--seed=7"], {
    string: ["lr", "out"],
    boolean: ["quiet", "help"],
  });
  const lr: string | undefined = args.lr;
  const quiet: boolean = args.quiet;
  assertEquals([lr, quiet, args.help], ["0.1", true, false]);
  assertEquals([args.out, args.seed, args._], [undefined, 7, ["file"]]);
});

Deno.test("parseArgs() gives a string option without value the empty text", () => {
  assertEquals(parseArgs(["--lr"], { string: ["lr"] }).lr, "");
  assertEquals(
    parseArgs(["--lr", "--x"], { string: ["lr"], boolean: ["x"] }),
    { _: [], lr: "", x: true },
  );
});

Deno.test("parseArgs() fills defaults after reading", () => {
  const args = parseArgs(["--epochs", "3"], {
    string: ["epochs", "lr"],
    default: { epochs: "10", lr: "0.01" },
  });
  const epochs: string = args.epochs;
  assertEquals([epochs, args.lr], ["3", "0.01"]);
});

Deno.test("parseArgs() sets every alias", () => {
  const options = { alias: { help: "h" }, boolean: ["help"] as const };
  assertEquals(parseArgs(["-h"], options), { _: [], h: true, help: true });
  assertEquals(parseArgs(["--help"], options), { _: [], h: true, help: true });
  assertEquals(parseArgs([], options), { _: [], h: false, help: false });
});

Deno.test("parseArgs() collects what may be repeated", () => {
  const args = parseArgs(["--tag", "a", "--tag=b", "--n", "1", "--n", "2"], {
    string: ["tag", "none"],
    collect: ["tag", "none"],
  });
  const tag: string[] = args.tag;
  assertEquals([tag, args.none, args.n], [["a", "b"], [], 2]);
});

Deno.test("parseArgs() negates what is negatable", () => {
  const options = { boolean: ["color"], negatable: ["color"] } as const;
  assertEquals(parseArgs(["--no-color"], options).color, false);
  assertEquals(parseArgs(["--color"], options).color, true);
  assertEquals(parseArgs(["--no-color"], { boolean: ["color"] }), {
    _: [],
    color: false,
    "no-color": true,
  });
});

Deno.test("parseArgs() reads the words true and false after a flag", () => {
  const options = { boolean: ["a", "b"] } as const;
  assertEquals(parseArgs(["--a", "false", "--b=true"], options), {
    _: [],
    a: false,
    b: true,
  });
});

Deno.test("parseArgs() stops at -- and, if asked, at the first word", () => {
  assertEquals(parseArgs(["--a", "1", "--", "--b"]), { _: ["--b"], a: 1 });
  assertEquals(parseArgs(["x", "--", "--b"], { "--": true }), {
    _: ["x"],
    "--": ["--b"],
  });
  assertEquals(parseArgs(["--a", "1", "x", "--b"], { stopEarly: true }), {
    _: ["x", "--b"],
    a: 1,
  });
});

Deno.test("parseArgs() reports what it does not know", () => {
  const seen: unknown[][] = [];
  const args = parseArgs(["--lr=1", "--lrr=2", "word", "-q"], {
    string: ["lr"],
    unknown: (arg, key, value) => {
      seen.push([arg, key, value]);
      return false;
    },
  });
  assertEquals(args, { _: [], lr: "1" });
  assertEquals(seen, [
    ["--lrr=2", "lrr", "2"],
    ["word", undefined, undefined],
    ["-q", "q", true],
  ]);
});

Deno.test("parseArgs() takes negative numbers after an equals sign", () => {
  const args = parseArgs(["--lr=-0.1", "--n=-5"], { string: ["lr"] });
  assertEquals([args.lr, args.n], ["-0.1", -5]);
});
