/**
 * What a trained network says: `deno task predict --help`.
 *
 * @module
 */

import { type CommandLine, runCommand, usageError } from "./command_line.ts";
import { classifyPictures } from "./classify_pictures.ts";
import { continueText } from "./continue_text.ts";
import { KEPT_MODELS } from "./kept_models.ts";
import { openKept } from "./open_kept.ts";

const CLASSIFIERS = Object.keys(KEPT_MODELS)
  .filter((name) => name !== "char_gpt").join(", ");

const HELP = `Asks the network of a run folder.

    deno task predict RUN [IMAGES...] [options]
    deno task predict RUN --prompt TEXT [options]

  RUN              a folder that deno task train has left

Runs of ${CLASSIFIERS} classify pictures:

  IMAGES           PNG and JPEG files, folders of them, and for mnist_cnn IDX
                   files such as t10k-images-idx3-ubyte; their middle is brought
                   to the size that the network knows
                   (the test pictures of the experiment, which says how many
                   are right)
  --data PATH      test pictures from elsewhere, instead of IMAGES
  --count N        how many pictures to show  (6)

Runs of char_gpt write:

  --prompt TEXT    what the text begins with; --prompt=TEXT where that is a dash
                   (the end of a line)
  --tokens N       how many characters follow  (200)
  --temperature X  0 takes the likeliest character, 1 draws as often as read
                   (0.8)
  --seed N         of what is drawn  (0)

  --json           all of it as JSON: classes with their probabilities, or text
  --help           this text
`;

/** Which options are whose. */
const OPTIONS = {
  classifier: ["data", "count"],
  writer: ["prompt", "tokens", "temperature", "seed"],
};

async function predict(line: CommandLine): Promise<void> {
  const [path, ...files] = line.rest;
  if (path === undefined) {
    throw usageError(
      "predict expects a run folder and perhaps files: deno task predict RUN [IMAGES...]",
    );
  }
  if (files.length > 0 && line.options.data !== undefined) {
    throw usageError("Give either IMAGES or --data, not both");
  }
  const { kept, ...opened } = await openKept(path);
  const foreign = Object.keys(line.options).filter((name) =>
    line.options[name] !== undefined && !OPTIONS[kept.kind].includes(name)
  ).map((name) => `--${name}`);
  if (kept.kind === "writer") foreign.unshift(...files);
  if (foreign.length > 0) {
    throw usageError(
      `${foreign[0]} is of no use with ${path}, whose network ${
        kept.kind === "writer" ? "writes" : "classifies pictures"
      }: see --help`,
    );
  }
  if (kept.kind === "writer") continueText({ ...opened, kept }, line);
  else await classifyPictures({ ...opened, kept }, files, line);
}

if (import.meta.main) {
  await runCommand({
    help: HELP,
    options: [...OPTIONS.classifier, ...OPTIONS.writer],
    flags: ["json"],
    run: predict,
  });
}
