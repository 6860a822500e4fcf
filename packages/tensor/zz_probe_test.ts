import * as t from "./mod.ts";
import { runtime } from "@fdunn/wasm-kernels";
Deno.test("probe", () => {
  const k = runtime.kernels as any;
  console.log(Object.keys(k.float32).join(" "));
  console.log("--missing f32", Object.entries(k.float32).filter(([,v])=>v===undefined).map(([n])=>n).join(" "));
  console.log("--missing i32", Object.entries(k.int32).filter(([,v])=>v===undefined).map(([n])=>n).join(" "));
  console.log("--missing bytes", Object.entries(k.bytes).filter(([,v])=>v===undefined).map(([n])=>n).join(" "));
  console.log("--missing f64", Object.entries((runtime as any).float64.float64).filter(([,v])=>v===undefined).map(([n])=>n).join(" "));
  console.log(Object.keys(k.cast).join(" "));
  console.log(Object.keys((runtime as any).float64.cast).join(" "));
  console.log(Object.keys((runtime as any).float64.float64).join(" "));
  console.log(t.tensor([[1,2.5],[3,NaN]]));
});
