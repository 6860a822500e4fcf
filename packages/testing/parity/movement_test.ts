import { cat, hstack, meshgrid, vstack } from "@fdunn/tensor";
import { methods } from "./method_cases.ts";
import { testOpCases } from "./op_cases.ts";

testOpCases("movement", {
  ...methods("reshape", "view", "flatten", "permute", "transpose", "t"),
  ...methods("unsqueeze", "expand", "clone", "contiguous"),
  ...methods("unflatten", "movedim", "swapaxes", "squeeze", "expandAs"),
  ...methods("broadcastTo", "repeat", "tile", "repeatInterleave", "flip"),
  ...methods("roll", "rot90", "unbind", "split", "chunk", "unfold", "narrow"),
  ...methods("slice", "select"),
  hstack,
  vstack,
  cat: (tensors) => cat(tensors, 1),
  meshgrid: (tensors, options) => meshgrid(tensors, options),
});
