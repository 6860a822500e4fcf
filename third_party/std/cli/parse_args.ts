type Names<T extends string> = T | readonly T[];

/** What `parseArgs` accepts, option by option. */
export interface ParseOptions<
  B extends string = string,
  S extends string = string,
  C extends string = string,
  N extends string = string,
  D extends Record<string, unknown> = Record<string, unknown>,
  A extends Record<string, Names<string>> = Record<string, Names<string>>,
  DD extends boolean = boolean,
> {
  /** Whether what follows `--` goes to `result["--"]` instead of `_`. */
  "--"?: DD;
  /** Other names of an option; all of them are set. */
  alias?: A;
  /** Options without value, false by default; true: all `--name`. */
  boolean?: boolean | Names<B>;
  /** Values of options that were not given. */
  default?: D;
  /** Whether everything after the first positional argument is positional. */
  stopEarly?: boolean;
  /** Options whose values stay text. */
  string?: Names<S>;
  /** Options that may be repeated: their values are an array. */
  collect?: Names<C>;
  /** Options that `--no-name` sets to false. */
  negatable?: Names<N>;
  /** Called for whatever is not defined here; false leaves it out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

type One<K extends string, T, C extends string, N extends string> =
  | (K extends C ? T[] : T)
  | (K extends N ? false : never);

type Parsed<
  B extends string,
  S extends string,
  C extends string,
  N extends string,
  D,
> =
  & { [K in B as K extends keyof D ? never : K]: One<K, boolean, C, N> }
  & {
    [K in S as K extends C ? K extends keyof D ? never : K : never]: One<
      K,
      string,
      C,
      N
    >;
  }
  & {
    [K in S as K extends C | keyof D ? never : K]?: One<K, string, C, N>;
  }
  & {
    [K in keyof D]:
      | D[K]
      | (K extends S & string ? One<K, string, C, N>
        : K extends B & string ? One<K, boolean, C, N>
        : unknown);
  };

type Aliased<T, A> =
  & T
  & {
    [
      K in keyof T as K extends keyof A
        ? A[K] extends readonly (infer Name extends string)[] ? Name
        : A[K] extends string ? string extends A[K] ? never : A[K]
        : never
        : never
    ]: T[K];
  };

/** The result of `parseArgs`: options by name, and the positional rest. */
export type Args<
  T = Record<string, unknown>,
  DD extends boolean = boolean,
> =
  & Record<string, unknown>
  & T
  & { _: (string | number)[] }
  & (DD extends true ? { "--": string[] } : { "--"?: string[] });

/**
 * Reads command line arguments as minimist does: `--name value`,
 * `--name=value`, `--flag`, `--no-flag`, `-n 5`, `-n5`, `-abc`. Values that
 * look like numbers become numbers unless the option is a `string`; an option
 * without a value is true (`""` for a string option); what follows `--` is
 * positional. Unlike @std/cli this stand-in leaves names with dots alone.
 */
export function parseArgs<
  const B extends string = never,
  const S extends string = never,
  const C extends string = never,
  const N extends string = never,
  const D extends Record<string, unknown> = Record<never, never>,
  const A extends Record<string, Names<string>> = Record<never, never>,
  const DD extends boolean = false,
>(
  args: string[],
  options: ParseOptions<B, S, C, N, D, A, DD> = {},
): Args<Aliased<Parsed<B, S, C, N, D>, A>, DD> {
  const reader = new Reader(options);
  const end = args.indexOf("--");
  reader.read(end < 0 ? args : args.slice(0, end));
  reader.fillDefaults();
  const rest = end < 0 ? [] : args.slice(end + 1);
  if (options["--"]) reader.result["--"] = rest;
  else reader.result._.push(...rest);
  return reader.result as Args<Aliased<Parsed<B, S, C, N, D>, A>, DD>;
}

type Value = string | number | boolean;

class Reader {
  readonly result: Record<string, unknown> & { _: (string | number)[] } = {
    _: [],
  };
  readonly #options: ParseOptions;
  readonly #names = new Map<string, Set<string>>(); // each name's other names
  readonly #boolean: Set<string>;
  readonly #string: Set<string>;
  readonly #collect: Set<string>;
  readonly #negatable: Set<string>;
  readonly #allBoolean: boolean;

  constructor(options: ParseOptions) {
    this.#options = options;
    for (const [key, value] of Object.entries(options.alias ?? {})) {
      const group = [key, ...(typeof value === "string" ? [value] : value)];
      for (const name of group) {
        this.#names.set(name, new Set(group.filter((it) => it !== name)));
      }
    }
    const boolean = options.boolean ?? false;
    this.#allBoolean = boolean === true;
    this.#boolean = this.#set(typeof boolean === "boolean" ? [] : boolean);
    this.#string = this.#set(options.string ?? []);
    this.#collect = this.#set(options.collect ?? []);
    this.#negatable = this.#set(options.negatable ?? []);
  }

  /** The names with all their aliases. */
  #set(names: Names<string>): Set<string> {
    const set = new Set<string>();
    for (const name of typeof names === "string" ? [names] : names) {
      if (name === "") continue;
      set.add(name);
      for (const other of this.#names.get(name) ?? []) set.add(other);
    }
    return set;
  }

  read(args: string[]): void {
    for (let i = 0; i < args.length; i++) {
      const arg = args[i] ?? "";
      if (/^--./s.test(arg)) {
        i += this.#readLong(arg, args[i + 1]);
      } else if (/^-./s.test(arg)) {
        i += this.#readShort(arg, args[i + 1]);
      } else {
        this.#readPositional(arg);
        if (this.#options.stopEarly) {
          this.result._.push(...args.slice(i + 1));
          return;
        }
      }
    }
  }

  /** Reads `--name...`; returns how many arguments it used after it. */
  #readLong(arg: string, next: string | undefined): 0 | 1 {
    const equals = /^--(.+?)=(.+)$/s.exec(arg);
    if (equals) {
      const [, key = "", value = ""] = equals;
      const negated = key.startsWith("no-") ? key.slice(3) : key;
      const name = key === "no-" ? key : negated;
      this.#put(name, this.#boolean.has(name) ? value !== "false" : value, arg);
      return 0;
    }
    const key = arg.slice(2);
    if (key.length > 3 && key.startsWith("no-")) {
      const name = key.slice(3);
      if (this.#negatable.has(name)) {
        this.#put(name, false, arg, false);
        return 0;
      }
    }
    const takesValue = !this.#boolean.has(key) && !this.#allBoolean;
    if (takesValue && next && !next.startsWith("-")) {
      this.#put(key, next, arg);
      return 1;
    }
    return this.#putFlag(key, next, arg);
  }

  /** Reads `-x...`, perhaps several letters; returns as `#readLong` does. */
  #readShort(arg: string, next: string | undefined): 0 | 1 {
    const letters = arg.slice(1);
    for (let j = 0; j < letters.length - 1; j++) {
      const letter = letters.charAt(j);
      const rest = letters.slice(j + 1);
      if (rest === "-") {
        this.#put(letter, "-", arg);
        return 0;
      }
      const isLetter = /[A-Za-z]/.test(letter);
      const equals = isLetter ? /=(.+)/s.exec(rest) : null;
      const number = isLetter && /-?\d+(\.\d*)?(e-?\d+)?$/.test(rest);
      if (equals || number || /^\W/.test(rest)) {
        this.#put(letter, equals?.[1] ?? rest, arg);
        return 0;
      }
      this.#put(letter, this.#string.has(letter) ? "" : true, arg);
    }
    const key = letters.slice(-1);
    if (next && !/^--?[^-]/.test(next) && !this.#boolean.has(key)) {
      this.#put(key, next, arg);
      return 1;
    }
    return this.#putFlag(key, next, arg);
  }

  #putFlag(key: string, next: string | undefined, arg: string): 0 | 1 {
    if (next === "true" || next === "false") {
      this.#put(key, next === "true", arg);
      return 1;
    }
    this.#put(key, this.#string.has(key) ? "" : true, arg);
    return 0;
  }

  #readPositional(arg: string): void {
    if (this.#options.unknown?.(arg) === false) return;
    const number = !this.#string.has("_") && looksNumeric(arg);
    this.result._.push(number ? Number(arg) : arg);
  }

  #put(key: string, given: Value, arg: string, collect = true): void {
    const known = this.#boolean.has(key) || this.#string.has(key) ||
      this.#names.has(key) || (this.#allBoolean && /^--[^=]+$/.test(arg));
    if (!known && this.#options.unknown?.(arg, key, given) === false) return;
    const number = typeof given === "string" && !this.#string.has(key) &&
      looksNumeric(given);
    const value = number ? Number(given) : given;
    for (const name of [key, ...(this.#names.get(key) ?? [])]) {
      if (collect && this.#collect.has(key)) {
        const before = this.result[name];
        this.result[name] = Array.isArray(before)
          ? [...before, value]
          : before
          ? [before, value]
          : [value];
      } else {
        this.result[name] = value;
      }
    }
  }

  fillDefaults(): void {
    for (const [key, value] of Object.entries(this.#options.default ?? {})) {
      if (Object.hasOwn(this.result, key)) continue;
      this.result[key] = value;
      for (const name of this.#names.get(key) ?? []) this.result[name] = value;
    }
    for (const key of this.#boolean) {
      if (Object.hasOwn(this.result, key)) continue;
      this.result[key] = this.#collect.has(key) ? [] : false;
    }
    for (const key of this.#string) {
      if (Object.hasOwn(this.result, key)) continue;
      if (this.#collect.has(key)) this.result[key] = [];
    }
  }
}

function looksNumeric(text: string): boolean {
  return /^0x[0-9a-f]+$/i.test(text) ||
    /^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(e[-+]?\d+)?$/.test(text);
}
