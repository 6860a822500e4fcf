import { bilinear } from "@fdunn/nn";
import {
  batchNorm,
  full,
  groupNorm,
  instanceNorm,
  layerNorm,
  rmsNorm,
} from "@fdunn/tensor";
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
  batchNorm: ([x, weight, bias], { training, mean, variance }) => {
    const moment = (value: unknown) =>
      value === undefined ? null : full([x!.shape[1]!], value as number);
    return batchNorm(x!, moment(mean), moment(variance), weight!, bias!, {
      training: training as boolean,
    });
  },
  layerNorm: ([x, weight, bias], { normalizedShape }) =>
    layerNorm(x!, normalizedShape as number[], weight!, bias!),
  bilinear: ([a, b, weight, bias]) => bilinear(a!, b!, weight!, bias ?? null),
});

testLayerCases(
  "group_norm_layers",
  layers(
    ...["GroupNorm", "RMSNorm", "BatchNorm3d"] as const,
    ...["InstanceNorm1d", "InstanceNorm2d", "InstanceNorm3d"] as const,
  ),
);
