/** What dictionaries of modules and of parameters share. */

import { Tensor } from "@fdunn/tensor";
import { KIND } from "./hidden_field.ts";
import { type AnyModule, Module } from "./module.ts";

/** What a {@linkcode Dictionary} holds. */
export interface DictionaryKind<Member, Given> {
  /** What messages call the dictionary. */
  name: string;
  /** The class of its members. */
  type: abstract new (...args: never[]) => unknown;
  /** Makes a member of what was given; throws where it cannot. */
  take(given: Given, name: string): Member;
}

/** Members by name, each a field of the module. */
export abstract class Dictionary<Member, Given = Member>
  extends Module<never[], never> {
  private readonly [KIND]: DictionaryKind<Member, Given>;

  /** Takes the members of an object, or pairs of name and member. */
  constructor(
    kind: DictionaryKind<Member, Given>,
    members: Readonly<Record<string, Given>> | Iterable<[string, Given]>,
  ) {
    super();
    this[KIND] = kind;
    const entries = Symbol.iterator in members
      ? members as Iterable<[string, Given]>
      : Object.entries(members);
    for (const [name, member] of entries) this.set(name, member);
  }

  /** How many members there are. */
  get size(): number {
    return this.keys().length;
  }

  /** The member of that name; throws when there is none. */
  get(name: string): Member {
    if (this.has(name)) return fieldsOf<Member>(this)[name]!;
    throw new RangeError(
      `${this[KIND].name} has no "${name}", only ${
        this.keys().map((key) => `"${key}"`).join(", ") || "nothing"
      }`,
    );
  }

  /** Whether there is a member of that name. */
  has(name: string): boolean {
    return Object.hasOwn(this, name) &&
      fieldsOf<unknown>(this)[name] instanceof this[KIND].type;
  }

  /** Adds or replaces a member; returns itself. */
  set(name: string, member: Given): this {
    requireName(this, name);
    fieldsOf<Member>(this)[name] = this[KIND].take(member, name);
    return this;
  }

  /** Removes a member; says whether there was one. */
  delete(name: string): boolean {
    return this.has(name) && delete fieldsOf<Member>(this)[name];
  }

  /** The names. */
  keys(): string[] {
    return Object.keys(this).filter((name) => this.has(name));
  }

  /** The members. */
  values(): Member[] {
    return this.keys().map((name) => this.get(name));
  }

  /** Names with their members. */
  entries(): [string, Member][] {
    return this.keys().map((name) => [name, this.get(name)]);
  }

  /** Names with their members. */
  [Symbol.iterator](): ArrayIterator<[string, Member]> {
    return this.entries().values();
  }
}

/** A container's members, which are fields beside its own. */
function fieldsOf<T>(container: AnyModule): Record<string, T> {
  return container as unknown as Record<string, T>;
}

/** Throws for a name that cannot stand in a state, or that is not free. */
function requireName(container: AnyModule, name: string): void {
  const own = Object.hasOwn(container, name)
    ? fieldsOf<unknown>(container)[name]
    : undefined;
  const member = own instanceof Module || own instanceof Tensor;
  const free = member || !(name in container);
  if (free && name !== "" && !name.includes(".")) return;
  throw new RangeError(
    `${container.constructor.name} got the name "${name}", expected one without dots that no method has`,
  );
}
