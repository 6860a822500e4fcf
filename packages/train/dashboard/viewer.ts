/** Finished runs in a browser. */

import { Feed } from "./feed.ts";
import { readRun } from "./run_reader.ts";
import { DashboardServer } from "./server.ts";

/** A page that shows finished runs. */
export interface RunViewer {
  /** What to open in a browser. */
  readonly url: string;
  /** Stops serving it. */
  close(): Promise<void>;
}

/**
 * Serves the page of finished runs, read from their folders: one, or several
 * to compare. As for a {@linkcode Dashboard}, on this machine alone, below an
 * address with a random token.
 *
 * ```ts ignore
 * import { viewRuns } from "@fdunn/train/dashboard";
 *
 * const viewer = await viewRuns(["runs/first", "runs/second"]);
 * console.log(viewer.url);
 * ```
 *
 * @throws Error when a folder is no run folder, or the port is taken.
 */
export async function viewRuns(
  folders: readonly string[],
  { port = 0 }: { port?: number } = {},
): Promise<RunViewer> {
  if (folders.length === 0) {
    throw new RangeError("viewRuns() got no folder, expected at least one");
  }
  const runs = folders.map(readRun);
  const names = new Set(runs.map(({ name }) => name));
  // Folders of one name are told apart by their paths.
  if (names.size < runs.length) {
    runs.forEach((run, i) => run.name = folders[i]!);
  }
  const title = runs.map(({ name }) => name).join(", ");
  const server = new DashboardServer(new Feed(title, runs), null);
  await server.listen(port);
  return { url: server.url, close: () => server.close() };
}
