/**
 * Completions of `deno task` for the shell: `deno task completions --help`.
 *
 * @module
 */

import { onlyOne, runCommand, usageError } from "./command_line.ts";
import { EXPERIMENTS } from "./experiments.ts";
import { optionsOfTask, TASKS } from "./tasks.ts";

const HELP = `Prints a script that completes fdunn's tasks in the shell.

    deno task completions bash|zsh|fish

  bash   eval "$(deno task -q completions bash)"     in ~/.bashrc
  zsh    eval "$(deno task -q completions zsh)"      in ~/.zshrc
  fish   deno task -q completions fish | source      in config.fish

It defines the command fdunn, for deno task -q: fdunn train mnist_cnn --epochs 3
`;

const SHELLS = ["bash", "zsh", "fish"] as const;

/** The words after `fdunn TASK`, but for paths, which shells know best. */
function wordsOf(task: string): string[] {
  const names = task === "train" ? EXPERIMENTS.map(({ name }) => name) : [];
  return [...names, ...optionsOfTask(task)];
}

/** A script that defines the command `fdunn` and its completions. */
export function completions(shell: typeof SHELLS[number]): string {
  const tasks = Object.keys(TASKS);
  if (shell === "fish") {
    const first = `complete -c fdunn -f -n __fish_use_subcommand`;
    return [
      "function fdunn; deno task -q $argv; end",
      ...tasks.map((task) => `${first} -a ${task} -d "${TASKS[task]!.help}"`),
      ...tasks.flatMap((task) =>
        wordsOf(task).map((word) => {
          const given = word.startsWith("--")
            ? `-l ${word.slice(2)}`
            : `-a ${word}`;
          return `complete -c fdunn -n "__fish_seen_subcommand_from ${task}" ${given}`;
        })
      ),
    ].join("\n");
  }
  const cases = tasks.map((task) =>
    `    ${task}) words="${wordsOf(task).join(" ")}" ;;`
  );
  const bash = `fdunn() { deno task -q "$@"; }
_fdunn() {
  local words current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${tasks.join(" ")}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current"))
}
complete -o filenames -F _fdunn fdunn`;
  return shell === "bash"
    ? bash
    : `autoload -U +X bashcompinit && bashcompinit\n${bash}`;
}

if (import.meta.main) {
  await runCommand({
    help: HELP,
    run({ rest }) {
      const sentence = "completions expects a shell: bash, zsh or fish";
      const shell = onlyOne(rest, sentence);
      const known = SHELLS.find((name) => name === shell);
      if (known === undefined) throw usageError(`${sentence}, not ${shell}`);
      console.log(completions(known));
    },
  });
}
