/** What every failed assertion throws. */
export class AssertionError extends Error {
  /** Makes an error with the given message. */
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AssertionError";
  }
}

/** `text: msg` with a message, `text.` without: how every sentence ends. */
export function sentence(text: string, msg: string | undefined): string {
  return msg ? `${text}: ${msg}` : `${text}.`;
}

/** A value as a reader wants to see it in a message. */
export function show(value: unknown): string {
  return typeof Deno === "undefined" ? String(value) : Deno.inspect(value, {
    depth: 100,
    sorted: true,
    strAbbreviateSize: Number.MAX_SAFE_INTEGER,
    iterableLimit: 200,
  });
}
