import { testLayerCases } from "./layer_cases.ts";
import { layers } from "./layer_table.ts";

testLayerCases(
  "window_layers",
  layers(
    ...["Conv3d", "ConvTranspose1d", "Bilinear", "CosineSimilarity"] as const,
    ...["MaxPool1d", "AvgPool1d", "MaxPool2d", "AvgPool2d"] as const,
    ...["AdaptiveAvgPool1d", "AdaptiveMaxPool1d", "AdaptiveMaxPool2d"] as const,
    "MaxUnpool2d",
    ...["GlobalAvgPool1d", "GlobalMaxPool1d"] as const,
    ...["GlobalAvgPool2d", "GlobalMaxPool2d"] as const,
    ...["Dropout1d", "Dropout2d", "Dropout3d"] as const,
    ...["AlphaDropout", "FeatureAlphaDropout"] as const,
  ),
);
