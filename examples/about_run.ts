/** Where and by what a run is computed. */

import { runtime } from "@fdunn/wasm-kernels";
import type { TrainRequest } from "./train.ts";

/** What is the same for all seeds. */
export async function describe(
  { experiment, quick }: TrainRequest,
): Promise<Record<string, unknown>> {
  return {
    program: experiment.name,
    quick,
    versions: { deno: Deno.version.deno, ...await packageVersions() },
    wasm: { build: runtime.build, abi: runtime.abiVersion },
    machine: {
      system: `${Deno.build.os} ${Deno.build.arch}`,
      processors: navigator.hardwareConcurrency,
    },
  };
}

/** Versions of fdunn's packages, from the files beside their sources. */
async function packageVersions(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (
    const name of ["wasm-kernels", "tensor", "nn", "optim", "data", "train"]
  ) {
    const source = new URL(import.meta.resolve(`@fdunn/${name}`));
    const about = await Deno.readTextFile(new URL("deno.json", source));
    versions[`@fdunn/${name}`] = JSON.parse(about).version;
  }
  return versions;
}
