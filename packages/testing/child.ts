import { fromFileUrl, join } from "@std/path";

/** The root of the repository. */
export const root: string = fromFileUrl(new URL("../..", import.meta.url));

/** What a command left behind. */
export interface Finished {
  /** Its exit code. */
  code: number;
  /** What it wrote to standard output. */
  stdout: string;
  /** What it wrote to standard error. */
  stderr: string;
}

/** Where and how a command runs. */
export interface RunOptions {
  /** Its working directory; the repository's root by default. */
  cwd?: string;
  /** Variables to add to the environment. */
  env?: Record<string, string>;
}

/**
 * Runs `deno` or `node`, without colours and without a terminal: the
 * permissions that a test needs for it are `run` alone.
 */
export async function run(
  command: "deno" | "node",
  args: string[],
  { cwd = root, env = {} }: RunOptions = {},
): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

/** As `run`, for a command that must succeed: returns its standard output. */
export async function runOk(
  command: "deno" | "node",
  args: string[],
  options: RunOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code === 0) return stdout;
  throw new Error(
    `${command} ${args.join(" ")} exited with ${code}:\n${stdout}${stderr}`,
  );
}

/**
 * An empty folder below `.scratch`, the only place where tests may write; it
 * is removed at the end of a `using` block.
 */
export function scratchFolder(name: string): { path: string } & Disposable {
  const parent = join(root, ".scratch");
  Deno.mkdirSync(parent, { recursive: true });
  const path = Deno.makeTempDirSync({ dir: parent, prefix: `${name}_` });
  return {
    path,
    [Symbol.dispose]: () => Deno.removeSync(path, { recursive: true }),
  };
}
