/**
 * Whatever tensor, nn and optim export: a bundle of it leaves nothing out.
 *
 * @module
 */

export * as tensor from "@fdunn/tensor";
export * as nn from "@fdunn/nn";
export * as optim from "@fdunn/optim";
