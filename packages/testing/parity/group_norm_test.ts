import { bilinear } from "@fdunn/nn";
import { groupNorm, instanceNorm, rmsNorm } from "@fdunn/tensor";
import { testLayerCases } from "./layer_cases.ts";
import { layers } from "./layer_table.ts";
import { testOpCases } from "./op_cases.ts";

testOpCases("group_norm", {
  groupNorm: ([x, weight = null, bias = null], { groups, ...options }) =>
    groupNorm(x!, groups as number, { weight, bias, ...options }),
  instanceNorm: ([x, weight = null, bias = null], options) =>
    instanceNorm(x!, { weight, bias, ...options }),
  rmsNorm: ([x, weight = null], { normalizedShape, eps }) =>
    rmsNorm(x!, normalizedShape as number[], weight, eps as number | null),
  bilinear: ([a, b, weight, bias]) => bilinear(a!, b!, weight!, bias ?? null),
});

testLayerCases(
  "group_norm_layers",
  layers(
    ...["GroupNorm", "RMSNorm", "BatchNorm3d"] as const,
    ...["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"] as const,
  ),
);
