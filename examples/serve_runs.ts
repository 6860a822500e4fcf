/** Runs as a page. */

import { viewRuns } from "@fdunn/train/dashboard";
import { UserError, withoutStack } from "./command_line.ts";

/** Serves the page of runs until Ctrl-C. */
export async function serveRuns(paths: string[]): Promise<void> {
  const viewer = await viewRuns(paths).catch((error) => {
    throw new UserError(`--dashboard: ${withoutStack(error)}`);
  });
  console.error(`\ndashboard: ${viewer.url}  (Ctrl-C ends it)`);
  await new Promise<void>((resolve) =>
    Deno.addSignalListener("SIGINT", () => resolve())
  );
  await viewer.close();
}
