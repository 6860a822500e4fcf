/**
 * Reading pickles without running anything: a pickle is a program for a stack
 * machine, and of its instructions only those are followed that make plain
 * data. What is called is looked up in a table that the caller gives.
 * The instructions: https://github.com/python/cpython/blob/main/Lib/pickletools.py
 */

/** A class or function of Python that a pickle may name. */
export class PickleGlobal {
  /** With what a call of it gives. */
  constructor(
    /** Its module and name, with a dot between them. */
    readonly name: string,
    /** What it gives for these arguments. */
    readonly call: (args: readonly unknown[]) => unknown,
  ) {}
}

/** What a pickle refers to outside of itself. */
export interface PickleWorld {
  /** What messages call the pickle. */
  name: string;
  /** What `module.name` stands for; throws where it may not be used. */
  find(name: string): unknown;
  /** What a persistent id stands for. */
  load(id: unknown): unknown;
}

/** Python's dictionaries become objects. */
export type PickleDict = Record<string, unknown>;

/** Whether a value is a dictionary, and not an object of another kind. */
export function isDict(value: unknown): value is PickleDict {
  return typeof value === "object" && value !== null &&
    Object.getPrototypeOf(value) === Object.prototype;
}

/** Python's texts are UTF-8, and begin where they begin. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Whole numbers of more bytes than this take too long to convert. */
const MAX_LONG_BYTES = 256;

/**
 * How many values that are more than a number or text may be put on the stack:
 * twelve or so for a tensor. Hostile ones take a byte each, and 170 of memory.
 */
const MAX_OBJECTS = 1 << 20;

/** Instructions that make what is no plain data, by what they make. */
const REFUSED: Readonly<Record<number, string>> = {
  0x42: "bytes",
  0x43: "bytes",
  0x8e: "bytes",
  0x96: "a bytearray",
  0x8f: "a set",
  0x91: "a frozenset",
  0x69: "an object of a class",
  0x6f: "an object of a class",
  0x81: "an object of a class",
  0x92: "an object of a class",
};

/**
 * The value of a pickle: null, booleans, numbers (bigint beyond 2^53), strings,
 * arrays for lists and tuples, objects for dictionaries, and what `world`
 * gives. Shared values stay shared.
 *
 * @throws RangeError for a pickle that is cut off or makes no sense. TypeError
 * for what is no plain data: bytes, sets, objects.
 */
export function unpickle(bytes: Uint8Array, world: PickleWorld): unknown {
  return new Unpickler(bytes, world).run();
}

class Unpickler {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #world: PickleWorld;
  readonly #stack: unknown[] = [];
  readonly #marks: number[] = [];
  readonly #memo: Map<number, unknown> = new Map();
  #at = 0;
  #objects = 0;

  constructor(bytes: Uint8Array, world: PickleWorld) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#world = world;
  }

  run(): unknown {
    for (;;) {
      const code = this.#view.getUint8(this.#take(1));
      if (code === 0x2e) return this.#pop(); // STOP
      if (!this.#structure(code)) this.#push(this.#value(code));
    }
  }

  #push(value: unknown): void {
    const isObject = typeof value === "object" && value !== null;
    if (isObject && ++this.#objects > MAX_OBJECTS) {
      throw new RangeError(
        `${this.#world.name} holds more than ${MAX_OBJECTS} lists, dictionaries and tensors: save long lists of numbers as tensors`,
      );
    }
    this.#stack.push(value);
  }

  /** Follows an instruction that puts nothing new on the stack. */
  #structure(code: number): boolean {
    switch (code) {
      case 0x80: // PROTO
        this.#take(1);
        return true;
      case 0x95: // FRAME
        this.#take(8);
        return true;
      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        return true;
      case 0x71: // BINPUT
        return this.#remember(this.#uint(1));
      case 0x72: // LONG_BINPUT
        return this.#remember(this.#uint(4));
      case 0x94: // MEMOIZE
        return this.#remember(this.#memo.size);
      case 0x61: // APPEND
        return this.#append([this.#pop()]);
      case 0x65: // APPENDS
        return this.#append(this.#popToMark());
      case 0x73: { // SETITEM
        const value = this.#pop();
        return this.#setItems([this.#pop(), value]);
      }
      case 0x75: // SETITEMS
        return this.#setItems(this.#popToMark());
      case 0x62: // BUILD: attributes of a dictionary, such as _metadata
        if (isDict(this.#pop()) && isDict(this.#top())) return true;
        throw this.#refused("an object with attributes of its own");
    }
    return false;
  }

  /** The value that an instruction makes. */
  #value(code: number): unknown {
    switch (code) {
      case 0x4e: // NONE
        return null;
      case 0x88: // NEWTRUE
        return true;
      case 0x89: // NEWFALSE
        return false;
      case 0x4b: // BININT1
        return this.#uint(1);
      case 0x4d: // BININT2
        return this.#uint(2);
      case 0x4a: // BININT
        return this.#view.getInt32(this.#take(4), true);
      case 0x8a: // LONG1
        return this.#long(this.#uint(1));
      case 0x8b: // LONG4
        return this.#long(this.#uint(4));
      case 0x47: // BINFLOAT
        return this.#view.getFloat64(this.#take(8));
      case 0x8c: // SHORT_BINUNICODE
        return this.#text(this.#uint(1));
      case 0x58: // BINUNICODE
        return this.#text(this.#uint(4));
      case 0x8d: // BINUNICODE8
        return this.#text(Number(this.#view.getBigUint64(this.#take(8), true)));
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
        return [];
      case 0x7d: // EMPTY_DICT
        return {};
      case 0x74: // TUPLE
        return this.#popToMark();
      case 0x85: // TUPLE1
        return this.#popLast(1);
      case 0x86: // TUPLE2
        return this.#popLast(2);
      case 0x87: // TUPLE3
        return this.#popLast(3);
      case 0x68: // BINGET
        return this.#recall(this.#uint(1));
      case 0x6a: // LONG_BINGET
        return this.#recall(this.#uint(4));
      case 0x63: // GLOBAL
        return this.#world.find(`${this.#line()}.${this.#line()}`);
      case 0x93: { // STACK_GLOBAL
        const [module, name] = this.#popLast(2);
        if (typeof module === "string" && typeof name === "string") {
          return this.#world.find(`${module}.${name}`);
        }
        throw this.#broken("a name is no text");
      }
      case 0x52: // REDUCE
        return this.#call();
      case 0x51: // BINPERSID
        return this.#world.load(this.#pop());
    }
    const what = REFUSED[code];
    if (what !== undefined) throw this.#refused(what);
    throw this.#broken(`instruction 0x${code.toString(16)} is not known`);
  }

  /** Moves past some bytes; returns where they begin. */
  #take(count: number): number {
    const start = this.#at;
    if (!(count <= this.#bytes.length - start)) {
      throw this.#broken(`${count} bytes are missing`);
    }
    this.#at += count;
    return start;
  }

  #uint(width: 1 | 2 | 4): number {
    const at = this.#take(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2
      ? this.#view.getUint16(at, true)
      : this.#view.getUint32(at, true);
  }

  /** A whole number in two's complement. */
  #long(width: number): number | bigint {
    if (width > MAX_LONG_BYTES) {
      throw this.#broken(`a whole number has ${width} bytes`);
    }
    const start = this.#take(width);
    let value = 0n;
    for (let i = width - 1; i >= 0; i--) {
      value = value << 8n | BigInt(this.#bytes[start + i]!);
    }
    value = BigInt.asIntN(8 * width, value);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  #text(length: number): string {
    const start = this.#take(length);
    try {
      return UTF8.decode(this.#bytes.subarray(start, start + length));
    } catch {
      throw this.#broken("a text is not UTF-8");
    }
  }

  /** The text up to the end of a line. */
  #line(): string {
    const end = this.#bytes.indexOf(0x0a, this.#at);
    const text = this.#text(end < 0 ? Infinity : end - this.#at);
    this.#take(1);
    return text;
  }

  #top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) {
      throw this.#broken("its stack is empty");
    }
    return this.#stack.at(-1);
  }

  #pop(): unknown {
    const value = this.#top();
    this.#stack.pop();
    return value;
  }

  #popLast(count: number): unknown[] {
    if (this.#stack.length - count < (this.#marks.at(-1) ?? 0)) {
      throw this.#broken("its stack is empty");
    }
    return this.#stack.splice(-count);
  }

  #popToMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#broken("a mark is missing");
    return this.#stack.splice(mark);
  }

  #remember(key: number): true {
    this.#memo.set(key, this.#top());
    return true;
  }

  #recall(key: number): unknown {
    if (this.#memo.has(key)) return this.#memo.get(key);
    throw this.#broken(`it recalls value ${key}, which it never stored`);
  }

  #append(values: readonly unknown[]): true {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#broken("it appends to no list");
    for (const value of values) list.push(value);
    return true;
  }

  #setItems(items: readonly unknown[]): true {
    const dict = this.#top();
    if (!isDict(dict) || items.length % 2 !== 0) {
      throw this.#broken("it sets items of no dictionary");
    }
    for (let i = 0; i < items.length; i += 2) {
      const key = items[i];
      if (typeof key !== "string" && typeof key !== "number") {
        throw this.#refused(
          "a dictionary with keys that are neither text nor numbers",
        );
      }
      if (Object.hasOwn(dict, key)) {
        throw this.#broken(`key ${`${key}`.slice(0, 80)} is there twice`);
      }
      // So that "__proto__" is a key like any other.
      Object.defineProperty(dict, key, {
        value: items[i + 1],
        enumerable: true,
        configurable: true,
        writable: true,
      });
    }
    return true;
  }

  #call(): unknown {
    const [callee, args] = this.#popLast(2);
    if (callee instanceof PickleGlobal && Array.isArray(args)) {
      return callee.call(args);
    }
    throw this.#broken("it calls what is no function");
  }

  #refused(what: string): TypeError {
    return new TypeError(
      `${this.#world.name} holds ${what}, expected tensors, numbers, text, lists and dictionaries`,
    );
  }

  #broken(what: string): RangeError {
    return new RangeError(
      `${this.#world.name} is not a valid pickle: ${what}, at byte ${this.#at}`,
    );
  }
}
