/**
 * How each public name is called, and the page of PyTorch that its comment
 * links to: from `deno doc --json`.
 */

import { fromFileUrl, join } from "@std/path";

/** What `deno doc --json` says of a type; only what is read here. */
interface TsType {
  repr: string;
  value?: {
    typeParams?: TsType[];
    resolution?: { kind: string; name?: string };
  };
}

interface Param {
  kind: "identifier" | "assign" | "object" | "array" | "rest";
  name?: string;
  optional?: boolean;
  left?: Param;
  /** Of an assignment, where it is plain. */
  right?: string;
  arg?: Param;
  tsType?: TsType;
}

interface Declaration {
  kind: string;
  declarationKind?: string;
  jsDoc?: { doc?: string };
  def: {
    params?: Param[];
    constructors?: { params: Param[] }[];
    methods?: Method[];
    properties?: Property[];
    extends?: TsType[];
  };
}

interface Property {
  name: string;
  optional?: boolean;
  jsDoc?: { doc?: string };
}

interface Method {
  name: string;
  kind: "method" | "getter" | "setter";
  jsDoc?: { doc?: string };
  functionDef: { params: Param[] };
}

interface Documented {
  name: string;
  declarations: Declaration[];
}

/** A public name: a function, a class, or `x.name` for a tensor's method. */
export interface Signature {
  /** The name alone. */
  readonly name: string;
  /** How it is called: `x.sum(dim?, { keepdim? })`. */
  readonly call: string;
  /** What its comment links to: `torch.sum`; null if there is no such link. */
  readonly link: string | null;
  /** What parameters and options are where they are left out, as far as said. */
  readonly defaults: ReadonlyMap<string, string>;
  /** The file of its entry point. */
  readonly entry: string;
}

/** Pages of PyTorch, and of Lightning for what is around it. */
const LINK =
  /\/docs\/(?:pytorch\/)?stable\/\S*?(?:generated\/|api\/|#)((?:torch|lightning)\.\w[\w.]*?)(?:\.html|[\s)]|$)/;

/** The interfaces of an entry point by name. */
type Interfaces = Map<string, Declaration>;

/** All that `deno doc` knows of some entry points. */
class Reader {
  /** By how it is called: a method `x.sum`, and a function `sum` beside it. */
  readonly signatures: Map<string, Signature> = new Map();
  /** Those of the entry point that is read come first. */
  readonly #interfaces: Interfaces[] = [];
  readonly #classes: Map<string, Declaration> = new Map();
  /** Names of earlier entry points, which later ones export again. */
  #earlier: ReadonlySet<string> = new Set();
  #entry = "";

  /** Notes the interfaces, which any file may name. */
  collect(symbols: readonly Documented[], to: Interfaces = new Map()): void {
    if (!this.#interfaces.includes(to)) this.#interfaces.push(to);
    for (const { name, declarations } of symbols) {
      for (const declaration of declarations) {
        if (declaration.kind === "interface") to.set(name, declaration);
        if (declaration.kind === "class") this.#classes.set(name, declaration);
      }
    }
  }

  /** Notes all of the entry point that was collected as the i-th. */
  readEntry(
    symbols: readonly Documented[],
    [entry, prefix]: readonly [string, string],
    i: number,
  ): void {
    this.#entry = entry;
    const own = this.#interfaces.splice(i, 1);
    this.#interfaces.unshift(...own);
    this.#earlier = new Set(this.signatures.keys());
    this.read(symbols, prefix);
    this.#interfaces.splice(i, 0, ...this.#interfaces.splice(0, 1));
  }

  /** The options of an interface, with those that it extends. */
  #options({ repr, value }: TsType, seen: Set<Declaration>): Property[] {
    const { kind, name = repr } = value?.resolution ?? { kind: "local" };
    const places = kind === "import"
      ? this.#interfaces.toReversed()
      : this.#interfaces;
    const found = places.map((map) => map.get(name))
      .find((it) => it !== undefined && !seen.has(it));
    if (found === undefined) return [];
    seen.add(found);
    const own = found.def.properties ?? [];
    const known = new Set(own.map(({ name }) => name));
    const inherited = (found.def.extends ?? [])
      .flatMap((base) => this.#options(base, seen))
      .filter(({ name }) => !known.has(name));
    return [...own, ...inherited];
  }

  /** Notes the functions, classes and methods. */
  read(symbols: readonly Documented[], prefix: string): void {
    for (const { name, declarations } of symbols) {
      for (const { kind, jsDoc, def } of declarations) {
        if (kind === "function") {
          this.#add(prefix + name, "", def.params!, jsDoc?.doc);
        } else if (kind === "class") {
          this.#readClass(name, prefix, def, jsDoc?.doc);
        }
      }
    }
  }

  #readClass(
    name: string,
    prefix: string,
    { constructors, extends: base, methods }: Declaration["def"],
    doc?: string,
  ): void {
    const own = constructors?.[0]?.params;
    const params = own ?? this.#constructorOf(base as unknown as string);
    this.#add(prefix + name, "new ", params, doc);
    if (name !== "Tensor" && !name.endsWith("Methods")) return;
    for (const { name, kind, jsDoc, functionDef } of methods ?? []) {
      if (name.startsWith("[") || kind === "setter") continue;
      if (kind === "getter") {
        const call = `x.${name}`;
        const link = linkOf(jsDoc?.doc);
        const defaults = new Map<string, string>();
        const entry = this.#entry;
        this.signatures.set(call, { name, call, link, defaults, entry });
      } else this.#add(`x.${name}`, "", functionDef.params, jsDoc?.doc);
    }
  }

  /** The parameters of the class that another extends. */
  #constructorOf(name: string | undefined): Param[] {
    const base = name && this.#classes.get(name);
    if (!base) return [];
    return base.def.constructors?.[0]?.params ??
      this.#constructorOf(base.def.extends as unknown as string);
  }

  /** Of overloads the one with most to say. */
  #add(key: string, before: string, params: Param[], doc?: string): void {
    if (this.#earlier.has(key)) return;
    const defaults = new Map(this.signatures.get(key)?.defaults);
    const list = params.map((param) => this.#show(param, defaults))
      .filter((shown) => shown !== "");
    const call = `${before}${key}(${list.join(", ")})`;
    const other = this.signatures.get(key);
    const longest = other && other.call.length > call.length
      ? other.call
      : call;
    const link = other?.link ?? linkOf(doc);
    const name = key.replace(/^x\./, "");
    const entry = this.#entry;
    const signature = { name, call: longest, link, defaults, entry };
    this.signatures.set(key, signature);
  }

  /** One parameter as the page has it; notes what it is by default. */
  #show(param: Param, defaults: Map<string, string>): string {
    switch (param.kind) {
      case "assign": {
        const { left, right } = param;
        const plain = left!.name !== undefined && right !== "[UNSUPPORTED]";
        if (plain && right) defaults.set(left!.name!, right);
        return this.#show({ ...left!, optional: true }, defaults);
      }
      case "rest":
        return `...${this.#show(param.arg!, defaults)}`;
      default: {
        if (param.name === "this") return "";
        const partial = param.tsType?.repr === "Partial";
        const type = partial
          ? param.tsType!.value!.typeParams![0]!
          : param.tsType;
        const fields = type && /Options$/.test(type.repr)
          ? this.#options(type, new Set())
          : [];
        if (fields.length === 0) {
          return (param.name ?? "options") + (param.optional ? "?" : "");
        }
        for (const { name, jsDoc } of fields) {
          const said = DEFAULT.exec(jsDoc?.doc ?? "")?.[1];
          if (said !== undefined) defaults.set(name, said);
        }
        const shown = fields.map(({ name, optional }) =>
          optional || partial ? `${name}?` : name
        );
        return `{ ${shown.join(", ")} }`;
      }
    }
  }
}

/** "Default 0.01.", "Default `true`: ..." or "Default [0.9, 0.999]". */
const DEFAULT =
  /Default:? (`[^`]*`|-?\d[\d.]*(?:e-?\d+)?(?<!\.)|\[[^\]]*\]|-?∞|null)(?=[\s.,:;(]|$)/;

function linkOf(doc: string | undefined): string | null {
  return LINK.exec(doc ?? "")?.[1] ?? null;
}

/** Reads the entry points, each with what stands before its names. */
export async function readSignatures(
  entries: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<string, Signature>> {
  const root = fromFileUrl(new URL("../../..", import.meta.url));
  const reader = new Reader();
  const symbols = await Promise.all(
    [...entries].map(async (entry) => {
      const [file] = entry;
      const { code, stdout } = await new Deno.Command("deno", {
        args: ["doc", "--json", join(root, file)],
        env: { NO_COLOR: "1" },
        stdout: "piped",
        stderr: "null",
      }).output();
      if (code !== 0) throw new Error(`deno doc --json ${file} failed`);
      const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
        nodes: Record<string, { symbols: Documented[] }>;
      };
      const found = Object.values(nodes).flatMap((node) => node.symbols);
      return [found, entry] as const;
    }),
  );
  for (const [found] of symbols) reader.collect(found);
  for (const [i, [found, entry]] of symbols.entries()) {
    reader.readEntry(found, entry, i);
  }
  return reader.signatures;
}
