export * from "@fdunn/tensor";
export * as nn from "@fdunn/nn";
export * as optim from "@fdunn/optim";
