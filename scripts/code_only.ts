/** Characters after which a slash begins a regular expression. */
const BEFORE_REGEXP = new Set("(,=:[!&|?{};+-*%<>~^");

/**
 * TypeScript with comments, and the insides of strings, templates and regular
 * expressions, replaced by spaces: same length, same lines, so that a pattern
 * can only match code, and positions are those of the original.
 */
export function codeOnly(source: string): string {
  const out = source.split("");
  const blank = (from: number, to: number) => {
    for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " ";
  };
  const braces: boolean[] = []; // for each open brace: is it a template's ${?
  let before = "("; // the last character of code
  let i = 0;
  const template = () => { // from just after ` or } to ` or ${
    const start = i;
    while (i < source.length && source[i] !== "`") {
      if (source.startsWith("${", i)) {
        blank(start, i);
        braces.push(true);
        i += 2;
        before = "{";
        return;
      }
      i += source[i] === "\\" ? 2 : 1;
    }
    blank(start, i);
    i++;
    before = "`";
  };
  while (i < source.length) {
    const character = source.charAt(i);
    const end = lexemeEnd(source, i, before);
    if (end !== null) {
      const comment = source.startsWith("//", i) || source.startsWith("/*", i);
      blank(comment ? i : i + 1, comment ? end : end - 1);
      if (!comment) before = character;
      i = end;
      continue;
    }
    i++;
    if (character === "`") {
      template();
    } else if (character === "}" && braces.pop() === true) {
      template();
    } else {
      if (character === "{") braces.push(false);
      if (!/\s/.test(character)) before = character;
      // A slash after these words is no division.
      if (
        /(^|\W)(return|typeof|case|in|of|await)$/.test(
          source.slice(0, i).slice(-7),
        )
      ) before = "(";
    }
  }
  return out.join("");
}

/** Where the comment, string or regular expression at i ends, or null. */
function lexemeEnd(source: string, i: number, before: string): number | null {
  const character = source[i];
  const find = (text: string) => {
    const at = source.indexOf(text, i + 2);
    return at < 0 ? source.length : at;
  };
  if (source.startsWith("//", i)) return find("\n");
  if (source.startsWith("/*", i)) return find("*/") + 2;
  if (character === '"' || character === "'") {
    return quoted(source, i, character);
  }
  if (character !== "/" || !BEFORE_REGEXP.has(before)) return null;
  let inClass = false;
  for (let j = i + 1; j < source.length; j++) {
    if (source[j] === "\\") j++;
    else if (source[j] === "[") inClass = true;
    else if (source[j] === "]") inClass = false;
    else if (source[j] === "/" && !inClass) return j + 1;
    else if (source[j] === "\n") return null;
  }
  return null;
}

function quoted(source: string, i: number, quote: string): number {
  for (let j = i + 1; j < source.length; j++) {
    if (source[j] === "\\") j++;
    else if (source[j] === quote || source[j] === "\n") return j + 1;
  }
  return source.length;
}

/** A module that a file imports, and the line where it does. */
export interface Import {
  /** As written. */
  specifier: string;
  /** Counted from 1. */
  line: number;
  /** Whether it is an `import(...)` call. */
  dynamic: boolean;
}

/** The imports and re-exports of a TypeScript file with literal specifiers. */
export function importsOf(source: string): Import[] {
  const code = codeOnly(source);
  const pattern = /(?<![.\w$])(?:from\s*|import\s*(\(?)\s*)(["'`])( *)\2/g;
  const result: Import[] = [];
  for (const match of code.matchAll(pattern)) {
    const end = match.index + match[0].length - 1;
    const length = (match[3] ?? "").length;
    result.push({
      specifier: source.slice(end - length, end),
      line: code.slice(0, match.index).split("\n").length,
      dynamic: match[1] === "(",
    });
  }
  return result;
}
