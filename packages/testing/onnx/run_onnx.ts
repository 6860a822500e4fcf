/** Runs ONNX files in onnxruntime, many in one Python. */

import type { DType, Tensor } from "@fdunn/tensor";
import { join } from "@std/path";
import { root } from "../child.ts";
import { runPython } from "../python.ts";

/** A file, what goes in and what should come out. */
export interface OnnxRun {
  /** What the report calls it. */
  name: string;
  /** The file's bytes. */
  model: Uint8Array;
  /** The inputs by name. */
  inputs: Record<string, Tensor>;
  /** The outputs in order. */
  outputs: readonly Tensor[];
}

/** What came of a run. */
export interface OnnxResult {
  /** Its name. */
  name: string;
  /** What the checker or the runtime did not like, or null. */
  failure: string | null;
  /** max|a - b| / max(max|b|, 1) over all outputs. */
  error: number;
}

const NUMPY: Partial<Record<DType, string>> = {
  float32: "<f4",
  float64: "<f8",
  int32: "<i4",
  uint8: "|u1",
  bool: "|b1",
};

function described(
  x: Tensor,
): { dtype: string; shape: number[]; data: string } {
  const data = x.data();
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const dtype = NUMPY[x.dtype]!;
  return { dtype, shape: [...x.shape], data: bytes.toBase64() };
}

const PROGRAM = `
import base64, json, sys
import numpy as np
import onnx
import onnxruntime as ort

def array(d):
    flat = np.frombuffer(base64.b64decode(d["data"]), dtype=d["dtype"])
    return flat.reshape(d["shape"])

def run(case, model):
    onnx.checker.check_model(onnx.load_from_string(model), full_check=True)
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    results = session.run(None, {k: array(v) for k, v in case["inputs"].items()})
    worst = 0.0
    for i, (got, wanted) in enumerate(zip(results, map(array, case["outputs"]), strict=True)):
        if got.shape != wanted.shape:
            return f"output {i} has shape {got.shape}, not {wanted.shape}", 0
        if got.dtype != wanted.dtype:
            return f"output {i} is {got.dtype}, not {wanted.dtype}", 0
        a, b = got.astype(np.float64), wanted.astype(np.float64)
        same = (a == b) | (np.isnan(a) & np.isnan(b))
        if not np.all(same | (np.isfinite(a) & np.isfinite(b))):
            return f"output {i} is {a.flatten()[:9]}, not {b.flatten()[:9]}", 0
        if np.all(same): continue
        scale = max(1.0, np.abs(b[np.isfinite(b)]).max())
        worst = max(worst, np.abs(np.where(same, 0, a - b)).max() / scale)
    return None, worst

folder = sys.argv[1]
found = []
for i, case in enumerate(json.load(open(f"{folder}/cases.json"))):
    with open(f"{folder}/{i}.onnx", "rb") as file:
        model = file.read()
    try:
        failure, error = run(case, model)
    except Exception as raised:
        failure, error = f"{type(raised).__name__}: {raised}", 0
    found.append({"name": case["name"], "failure": failure, "error": float(error)})
print(json.dumps(found))
`;

/** Checks and runs all files, and compares what comes out. */
export async function runOnnx(runs: readonly OnnxRun[]): Promise<OnnxResult[]> {
  const folder = join(root, ".scratch", `onnx-${crypto.randomUUID()}`);
  Deno.mkdirSync(folder, { recursive: true });
  try {
    const cases = runs.map(({ name, inputs, outputs }) => ({
      name,
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([key, x]) => [key, described(x)]),
      ),
      outputs: outputs.map(described),
    }));
    Deno.writeTextFileSync(join(folder, "cases.json"), JSON.stringify(cases));
    runs.forEach(({ model }, i) => {
      Deno.writeFileSync(join(folder, `${i}.onnx`), model);
    });
    return JSON.parse(await runPython(PROGRAM, [folder])) as OnnxResult[];
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}
