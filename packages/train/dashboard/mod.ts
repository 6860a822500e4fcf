/**
 * A training in the browser: live while it runs, or from its run folder.
 *
 * ```ts ignore
 * import { Dashboard } from "@fdunn/train/dashboard";
 *
 * const dashboard = new Dashboard();
 * console.log(`dashboard: ${await dashboard.open()}`);
 * const trainer = new Trainer(model, { optimizer, loss, callbacks: [dashboard] });
 * ```
 *
 * @module
 */

export { Dashboard, type DashboardOptions } from "./dashboard.ts";
export type { Samples } from "./predictions.ts";
export { type RunViewer, viewRuns } from "./viewer.ts";
