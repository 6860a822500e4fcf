import { crossEntropy } from "@fdunn/tensor";
import { testOpCases } from "./op_cases.ts";

testOpCases("loss", {
  crossEntropy: ([logits, target], { reduction }) =>
    crossEntropy(logits!, target!, {
      reduction: reduction as "mean" | "sum" | "none",
    }),
});
