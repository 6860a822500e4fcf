/** Public names without a parity case, by the reason. */
export const NOT_COMPARED: Record<string, string[]> = {};
