/** How large libraries are in a page. */

import type { Library } from "./libraries.ts";
import { run } from "./process.ts";

/** A library as one minified program. */
export interface Size {
  library: string;
  /** Compressed by gzip. */
  bytes: number;
}

/** Bundles every library that a page can load. */
export async function sizes(
  libraries: Library[],
  limit: number,
): Promise<Size[]> {
  const found: Size[] = [];
  for (const { name, bundle } of libraries) {
    if (bundle === undefined) continue;
    const { ok, stdout } = await run(bundle, limit);
    if (!ok) continue;
    const packed = new Response(stdout).body!
      .pipeThrough(new CompressionStream("gzip"));
    const { byteLength } = await new Response(packed).arrayBuffer();
    found.push({ library: name, bytes: byteLength });
  }
  return found;
}
