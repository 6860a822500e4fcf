/** How layers print what they were made with. */

function text(value: unknown): string {
  return Array.isArray(value)
    ? `[${value.map(String).join(", ")}]`
    : `${value}`;
}

/** `dim=1, size=[2, 3]`: values by name, as `extraRepr` shows them. */
export function namedValues(values: Record<string, unknown>): string {
  return Object.entries(values).map(([name, value]) => `${name}=${text(value)}`)
    .join(", ");
}
