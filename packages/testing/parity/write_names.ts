/**
 * Writes docs/FROM_PYTORCH.md, name by name: `deno task docs:names`. With
 * `--check` it only says whether the page is current, and which public name says
 * nothing of PyTorch.
 *
 * A name's counterpart is the page that its comment links to, or stands in
 * torch_names.ts; how it is called comes from `deno doc`, how PyTorch calls it
 * from PyTorch (fixtures/torch_api.json). Whatever is exported tomorrow is on the
 * page.
 *
 * @module
 */

import { fromFileUrl, join } from "@std/path";
import { readSignatures, type Signature } from "./signatures.ts";
import { DIFFERENCES, OWN } from "./torch_differences.ts";
import { TORCH_NAMES } from "./torch_names.ts";
import { SPELLINGS } from "./torch_spellings.ts";

const root = fromFileUrl(new URL("../../..", import.meta.url));
const page = join(root, "docs/FROM_PYTORCH.md");

/** The entry points on the page, and what stands before their names. */
const ENTRIES: ReadonlyMap<string, string> = new Map([
  ["packages/tensor/mod.ts", ""],
  ["packages/tensor/linalg/mod.ts", "linalg."],
  ["packages/tensor/distributions/mod.ts", "distributions."],
  ["packages/tensor/anomaly.ts", ""],
  ["packages/tensor/check_grad.ts", ""],
  ["packages/tensor/safetensors.ts", ""],
  ["packages/nn/init.ts", "init."],
  ["packages/nn/mod.ts", ""],
  ["packages/nn/summary.ts", ""],
  ["packages/nn/weights/mod.ts", "weights."],
  ["packages/optim/mod.ts", ""],
  ["packages/optim/second_order.ts", ""],
  ["packages/data/mod.ts", ""],
]);

/** Those of which only what PyTorch has, too, is on the page. */
const FURTHER: ReadonlyMap<string, string> = new Map([
  ["packages/nn/onnx/mod.ts", "onnx."],
  ["packages/train/mod.ts", ""],
]);

/** Parts of PyTorch, the first whose name a name begins with. */
const SECTIONS: readonly [prefix: string, title: string][] = [
  ["torch.nn.functional.", "torch.nn.functional"],
  ["torch.nn.init.", "torch.nn.init"],
  ["torch.nn.utils.", "torch.nn.utils"],
  ["torch.nn.", "torch.nn"],
  ["torch.optim.lr_scheduler.", "torch.optim.lr_scheduler"],
  ["torch.optim.swa_utils.", "torch.optim.swa_utils"],
  ["torch.optim.", "torch.optim"],
  ["torch.utils.data.", "torch.utils.data"],
  ["torch.utils.tensorboard.", "torch.utils.tensorboard"],
  ["torch.onnx.", "torch.onnx"],
  ["torch.linalg.", "torch.linalg"],
  ["torch.distributions.", "torch.distributions"],
  ["torch.func.", "torch.func"],
  ["torch.autograd.", "torch.autograd"],
  ["torch.Tensor.", "torch.Tensor"],
  ["torch.", "torch"],
  ["", "Other libraries"],
];
/** In the order of the page, with what to import. */
const ORDER: readonly [title: string, from: string][] = [
  ["torch", "`@fdunn/tensor`; `x` is a tensor"],
  ["torch.Tensor", "methods and getters of a tensor `x`"],
  [
    "torch.autograd",
    "`@fdunn/tensor`; anomalies in `@fdunn/tensor/anomaly`, `checkGrad` in `@fdunn/tensor/op`",
  ],
  ["torch.linalg", '`import * as linalg from "@fdunn/tensor/linalg"`'],
  [
    "torch.distributions",
    '`import * as distributions from "@fdunn/tensor/distributions"`',
  ],
  ["torch.func", "`@fdunn/nn/weights`"],
  ["torch.nn", '`import * as nn from "@fdunn/nn"`, then `new nn.Linear(...)`'],
  [
    "torch.nn.functional",
    "`@fdunn/nn`: `nn.relu(x)`; much of it is in `@fdunn/tensor`, too, or a method",
  ],
  ["torch.nn.init", "`nn.init` of `@fdunn/nn`"],
  [
    "torch.nn.utils",
    "`@fdunn/nn/weights` for what begins with `weights.`; `padSequence()` in `@fdunn/data`, else `@fdunn/optim`",
  ],
  ["torch.optim", "`@fdunn/optim`; `LBFGS` in `@fdunn/optim/second_order`"],
  ["torch.optim.lr_scheduler", "`@fdunn/optim`"],
  ["torch.optim.swa_utils", "`@fdunn/train`"],
  ["torch.utils.data", "`@fdunn/data`"],
  ["torch.onnx", '`import * as onnx from "@fdunn/nn/onnx"`'],
  ["torch.utils.tensorboard", "`@fdunn/train`"],
  [
    "Other libraries",
    "the package that has it: `@fdunn/data`, `train`, `optim`; `@fdunn/tensor/safetensors`, `@fdunn/nn/summary`",
  ],
];

const { torch, names: api } = JSON.parse(Deno.readTextFileSync(
  join(root, "packages/testing/fixtures/torch_api.json"),
)) as { torch: string; names: Record<string, string> };

/** Parameters that have no counterpart, as the page says at its top. */
const ABSENT =
  /(, \*)?,? ?\b(out|device|layout|memory_format|pin_memory|foreach|fused|capturable|differentiable)(=[^,)]*)?(?=[,)])/g;

function sectionOf(name: string): string {
  return SECTIONS.find(([prefix]) => name.startsWith(prefix))![1];
}

/** PyTorch's name of each key, where it has one. */
function counterpart(
  key: string,
  { name, link }: Signature,
  all: ReadonlyMap<string, Signature>,
): string | null {
  const sibling = key === name ? `x.${name}` : name;
  return TORCH_NAMES[key] ?? TORCH_NAMES[name] ?? link ??
    all.get(sibling)?.link ?? null;
}

/** What fdunn has, by PyTorch's names. */
type Rows = Map<string, Signature[]>;

/** All rows, and what is wrong with the data. */
function pair(
  signatures: ReadonlyMap<string, Signature>,
): { rows: Rows; wrong: string[] } {
  const rows: Rows = new Map();
  const wrong: string[] = [];
  const own = new Set(Object.values(OWN).flat());
  for (const [key, signature] of signatures) {
    const name = counterpart(key, signature, signatures);
    if (own.has(key)) {
      // A link in the comment of a part of something is about that.
      own.delete(key);
    } else if (name === null) {
      if (FURTHER.has(signature.entry)) continue;
      wrong.push(
        `${key}: link its comment to PyTorch's page, or give it a line in torch_names.ts or torch_differences.ts`,
      );
    } else {
      if (name.startsWith("torch.") && !(name in api)) {
        wrong.push(`${key}: PyTorch ${torch} has no ${name}`);
      }
      rows.set(name, [...rows.get(name) ?? [], signature]);
    }
  }
  for (const key of own) {
    if (key !== "defaultGenerator") wrong.push(`nothing is called ${key}`);
  }
  for (const key of Object.keys(TORCH_NAMES)) {
    if (!signatures.has(key) && !signatures.has(`x.${key}`)) {
      wrong.push(`torch_names.ts: nothing is called ${key}`);
    }
  }
  for (const name of Object.keys(DIFFERENCES)) {
    if (!rows.has(name)) {
      wrong.push(`torch_differences.ts: nothing here is PyTorch's ${name}`);
    }
  }
  for (const name of Object.keys(SPELLINGS)) {
    if (rows.has(name)) {
      wrong.push(`torch_spellings.ts: ${name} has a name here`);
    } else if (!(name in api)) {
      wrong.push(`torch_spellings.ts: PyTorch ${torch} has no ${name}`);
    }
  }
  return { rows, wrong };
}

/** What PyTorch has in a section and fdunn has not, in place or not. */
function missing(title: string, rows: Rows): string[] {
  const known = new Set(
    [...rows.keys(), ...Object.keys(SPELLINGS)].map((name) =>
      plain(name.slice(name.lastIndexOf(".") + 1))
    ),
  );
  const [prefix] = SECTIONS.find(([, other]) => other === title)!;
  const names = Object.keys(api)
    .filter((name) => sectionOf(name) === title)
    .map((name) => plain(name.slice(prefix.length)))
    .filter((name) => !name.includes(".") && !known.has(name));
  return [...new Set(names)];
}

/** The name of an operation that does not work in place. */
function plain(name: string): string {
  return name.replace(/_$/, "");
}

/** Defaults of a signature of PyTorch: `(p=2, keepdim=False)`. */
const GIVEN = /(\w+)=('[^']*'|\([^)]*\)|[^,()]+)/g;

/** A value as both sides would write it. */
function comparable(value: string): string {
  const text = value.replace(/^[`'"]+|[`'"]+$/g, "").replace("∞", "Infinity");
  if (/^-?(inf|math\.inf|Infinity)$/.test(text)) {
    return text.replace(/[a-z.]*inf/, "Infinity");
  }
  if (/^[([]/.test(text)) {
    return text.slice(1, -1).split(",").map((item) => comparable(item.trim()))
      .join();
  }
  if (text !== "" && !Number.isNaN(Number(text))) return String(Number(text));
  const words = { True: "true", False: "false", None: "null" };
  return words[text as keyof typeof words] ?? camel(text);
}

function camel(name: string): string {
  return name.replace(/_([a-z\d])/g, (_, letter) => letter.toUpperCase());
}

/** A default that both documentations name. */
interface Default {
  parameter: string;
  own: string;
  torch: string;
}

function commonDefaults(name: string, { defaults }: Signature): Default[] {
  const found: Default[] = [];
  for (const [, torchName, torch] of (api[name] ?? "").matchAll(GIVEN)) {
    const parameter = camel(torchName!);
    const own = defaults.get(parameter);
    // None stands for whatever the function takes then.
    const said = own !== undefined && torch !== "None" && torch !== "...";
    if (said) found.push({ parameter, own, torch: torch! });
  }
  return found;
}

/** What is written down, and what the defaults say themselves. */
function differences(name: string, found: readonly Signature[]): string[] {
  const written = DIFFERENCES[name];
  const defaults = found
    .flatMap((signature) => commonDefaults(name, signature))
    .filter(({ own, torch }) => comparable(own) !== comparable(torch))
    .map(({ parameter, own, torch }) =>
      `\`${parameter}\` is ${own}, not ${torch}`
    );
  return [...written === undefined ? [] : [written], ...new Set(defaults)];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

const HEAD = (compared: number) =>
  `<!-- deno-fmt-ignore-file -->

# From PyTorch

Written by \`deno task docs:names\` from what is exported, its documentation and
PyTorch ${torch}: do not edit. Every public name of \`@fdunn/tensor\`, \`/linalg\`,
\`/distributions\`, \`nn\`, \`optim\` and \`data\` stands beside PyTorch's. [PARITY.md](PARITY.md) says
how well they agree, [DTYPES.md](DTYPES.md) which types they take.

## What holds everywhere

- Names are PyTorch's in camel case; classes keep theirs. Semantics and defaults
  are PyTorch's, except where a line says otherwise; ${compared} defaults were
  compared when this page was written.
- After two or three positional arguments comes one object of options:
  \`F.conv2d(x, w, None, 2, 1)\` is \`nn.conv2d(x, w, null, { stride: 2, padding: 1 })\`.
- \`?\` marks what may be left out. Shapes, axes and lists are arrays.
- \`torch.f(x)\` and \`x.f()\` are the method \`x.f()\`; functions are for several
  tensors, and for layers' arithmetic. Operators are methods: \`a + b\` is \`a.add(b)\`.
- \`class Net extends nn.Module\` has a \`forward\` of tensors that gives one; of others:
  \`extends nn.Module<[Tensor, State], [Tensor, State]>\`.
- \`model(x)\` is \`model.forward(x)\`, \`with torch.no_grad():\` is \`noGrad(() => ...)\`.
- What PyTorch returns as a named tuple is an object with the same names.
- What has no name here but can be said in other words stands in italics, with
  \`m\` for a mask, \`k\` for whole numbers, \`v\` for a vector.
- Class labels and positions are int32; \`out=\`, \`device=\`, \`layout=\`,
  \`memory_format=\`, \`foreach=\` and \`fused=\` have no counterpart. Shapes and values
  that do not fit are a RangeError, dtypes a TypeError.
`;

function render(rows: Rows): string {
  const compared = [...rows].flatMap(([name, found]) =>
    found.flatMap((signature) => commonDefaults(name, signature))
  );
  let text = HEAD(compared.length);
  for (const [title, from] of ORDER) {
    const own = [...rows].filter(([name]) => sectionOf(name) === title);
    text +=
      `\n## ${title}\n\nHere: ${from}.\n\n| PyTorch | fdunn | differences |\n`;
    text += "| --- | --- | --- |\n";
    const lines = own.map(([name, found]) => {
      const shown = found.map(({ call }) => `\`${cell(call)}\``).join(" ");
      const differs = cell(differences(name, found).join("; "));
      return [name, `${shown} | ${differs}`];
    });
    for (const [name, words] of Object.entries(SPELLINGS)) {
      if (sectionOf(name) !== title) continue;
      lines.push([name, `*\`${cell(words)}\`* | `]);
    }
    for (const [name, line] of lines.sort(([a], [b]) => a! < b! ? -1 : 1)) {
      const signature = cell(name + (api[name!] ?? "").replace(ABSENT, ""));
      text += `| \`${signature}\` | ${line} |\n`;
    }
    const rest = missing(title, rows);
    if (rest.length > 0) {
      text += `\nPyTorch's alone: ${
        rest.map((name) => `\`${name}\``).join(" ")
      }\n`;
    }
  }
  text += "\n## fdunn's own\n\n| names | what they are |\n| --- | --- |\n";
  for (const [why, names] of Object.entries(OWN)) {
    text += `| ${names.map((name) => `\`${name}\``).join(" ")} | ${why} |\n`;
  }
  return text;
}

if (import.meta.main) {
  const { rows, wrong } = pair(
    await readSignatures(new Map([...ENTRIES, ...FURTHER])),
  );
  const text = render(rows);
  if (Deno.args.includes("--check")) {
    if (Deno.readTextFileSync(page) !== text) {
      wrong.push(
        "docs/FROM_PYTORCH.md is not current: run `deno task docs:names`",
      );
    }
  } else Deno.writeTextFileSync(page, text);
  for (const sentence of wrong) console.error(sentence);
  console.log(`From PyTorch: ${rows.size} names`);
  if (wrong.length > 0) Deno.exit(1);
}
