/**
 * Calls every op with every element type and writes what comes of it to
 * docs/DTYPES.md: `deno task dtypes`.
 *
 * @module
 */

import { fromFileUrl } from "@std/path";
import { dtypeTable } from "./dtype_table.ts";

const page = fromFileUrl(new URL("../../docs/DTYPES.md", import.meta.url));
Deno.writeTextFileSync(page, dtypeTable());
await new Deno.Command("deno", { args: ["fmt", "-q", page] }).output();
console.log(`${page} is current`);
