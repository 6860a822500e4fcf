/**
 * A local stand-in for `jsr:@std/cli`: `parseArgs` with the same options and
 * behaviour.
 *
 * @module
 */

export * from "./parse_args.ts";
