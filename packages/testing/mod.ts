/**
 * What the tests of all packages share: comparison with tolerances, naive
 * float64 reference implementations, and fixtures made by PyTorch.
 *
 * @module
 */
