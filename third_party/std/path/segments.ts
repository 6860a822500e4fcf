/**
 * The segments without empty ones and `.`, each `..` taken back with the one
 * before it. At the start `..` stays if `keepUp`, and is dropped otherwise.
 */
export function tidy(segments: string[], keepUp: boolean): string[] {
  const result: string[] = [];
  for (const segment of segments) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") result.push(segment);
    else if (result.length > 0 && result.at(-1) !== "..") result.pop();
    else if (keepUp) result.push(segment);
  }
  return result;
}

/** Escapes what the `pathname` setter of a URL leaves as it is. */
export function escapeForUrl(path: string): string {
  return path.replace(
    /%(?!5C)|[\s?#]/g,
    (character) => encodeURIComponent(character),
  );
}
