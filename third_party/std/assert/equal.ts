/**
 * Deep equality: NaN equals NaN, 0 equals -0, dates and regular expressions
 * compare by value, maps and sets by content in any order, and everything
 * else by constructor and enumerable own keys. Cycles are allowed.
 */
export function equal(c: unknown, d: unknown): boolean {
  return compare(c, d, new Map());
}

function compare(a: unknown, b: unknown, seen: Map<object, object>): boolean {
  if (typeof a === "number" && typeof b === "number") {
    return a === b || (Number.isNaN(a) && Number.isNaN(b));
  }
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (a instanceof RegExp && b instanceof RegExp) return `${a}` === `${b}`;
  if (a instanceof URL && b instanceof URL) return a.href === b.href;
  if (a instanceof Date && b instanceof Date) {
    return Object.is(a.getTime(), b.getTime());
  }
  if (!sameConstructor(a, b)) return false;
  if (a instanceof WeakMap || a instanceof WeakSet) {
    throw new TypeError(`cannot compare ${a.constructor.name} instances`);
  }
  if (a instanceof WeakRef && b instanceof WeakRef) {
    return compare(a.deref(), b.deref(), seen);
  }
  if (seen.get(a) === b) return true; // a cycle: equal as far as seen
  seen.set(a, b);
  if (isNumeric(a) && isNumeric(b)) return sameElements(a, b);
  if (a instanceof Set && b instanceof Set) return sameSet(a, b, seen);
  if (a instanceof Map && b instanceof Map) return sameMap(a, b, seen);
  return sameKeys(a, b, seen);
}

function isObject(x: unknown): x is object {
  return typeof x === "object" && x !== null;
}

function sameConstructor(a: object, b: object): boolean {
  const of = (x: object) => x.constructor ?? Object;
  return of(a) === of(b);
}

type Numeric = ArrayLike<number | bigint>;

function isNumeric(x: object): x is Numeric {
  return ArrayBuffer.isView(x) && !(x instanceof DataView);
}

function sameElements(a: Numeric, b: Numeric): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i], b[i]];
    if (x !== y && !(Number.isNaN(x) && Number.isNaN(y))) return false;
  }
  return true;
}

function sameSet(
  a: Set<unknown>,
  b: Set<unknown>,
  seen: Map<object, object>,
): boolean {
  if (a.size !== b.size) return false;
  const rest = [...b].filter((value) => !a.has(value));
  for (const value of a) {
    if (b.has(value)) continue;
    const match = rest.findIndex((other) => compare(value, other, seen));
    if (match < 0) return false;
    rest.splice(match, 1);
  }
  return true;
}

function sameMap(
  a: Map<unknown, unknown>,
  b: Map<unknown, unknown>,
  seen: Map<object, object>,
): boolean {
  if (a.size !== b.size) return false;
  const rest = [...b].filter(([key]) => !a.has(key));
  for (const [key, value] of a) {
    if (b.has(key)) {
      if (!compare(value, b.get(key), seen)) return false;
      continue;
    }
    const match = rest.findIndex(([otherKey, other]) =>
      compare(key, otherKey, seen) && compare(value, other, seen)
    );
    if (match < 0) return false;
    rest.splice(match, 1);
  }
  return true;
}

function sameKeys(a: object, b: object, seen: Map<object, object>): boolean {
  const [x, y] = [new Map(entries(a)), new Map(entries(b))];
  if (Array.isArray(a) && Array.isArray(b) && a.length !== b.length) {
    return false;
  }
  if (x.size !== y.size) return false;
  for (const [key, value] of x) {
    if (!y.has(key) || !compare(value, y.get(key), seen)) return false;
  }
  return true;
}

function entries(x: object): [string | symbol, unknown][] {
  const symbols = Object.getOwnPropertySymbols(x).filter((key) =>
    Object.prototype.propertyIsEnumerable.call(x, key)
  );
  return [...Object.keys(x), ...symbols].map((key) => [
    key,
    Reflect.get(x, key),
  ]);
}
