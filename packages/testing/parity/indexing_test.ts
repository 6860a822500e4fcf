import { methods } from "./method_cases.ts";
import { testOpCases } from "./op_cases.ts";

testOpCases(
  "indexing",
  methods(
    ...["gather", "take", "takeAlongDim", "maskedSelect", "nonzero", "index"],
    ...["indexPut", "indexAdd", "indexCopy", "indexFill"],
    ...["scatter", "scatterAdd", "scatterReduce"],
  ),
);
