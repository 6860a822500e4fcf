import { testLayerCases } from "./layer_cases.ts";
import { layers } from "./layer_table.ts";

testLayerCases(
  "spatial_layers",
  layers(
    ...["Flatten", "Unflatten", "Upsample", "PixelShuffle"] as const,
    ...["PixelUnshuffle", "Unfold", "Fold"] as const,
    ...["ConstantPad1d", "ConstantPad2d", "ConstantPad3d"] as const,
    ...["ZeroPad1d", "ZeroPad2d", "ZeroPad3d"] as const,
    ...["ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d"] as const,
    ...["ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d"] as const,
    ...["CircularPad1d", "CircularPad2d", "CircularPad3d"] as const,
  ),
);
