/** What a file may grow to when it is read. */

const MIN_LIMIT = 2 ** 28;
const RATIO = 100;

/** Counts the bytes that are made of a file, and refuses too many. */
export interface ExpansionLimit {
  /** Adds what is about to be allocated. */
  add(bytes: number): void;
}

/**
 * A limit of `maxBytes`; by default of 256 MiB, or 100 times the file if that
 * is more.
 */
export function expansionLimit(
  name: string,
  fileBytes: number,
  maxBytes: number = Math.max(MIN_LIMIT, RATIO * fileBytes),
): ExpansionLimit {
  let total = 0;
  return {
    add(bytes) {
      total += bytes;
      if (total <= maxBytes) return;
      throw new RangeError(
        `${name} of ${fileBytes} bytes claims to hold ${total} and more, expected up to maxBytes = ${maxBytes}`,
      );
    },
  };
}
