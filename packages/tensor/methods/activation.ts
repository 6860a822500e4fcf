/** The tensor's methods for activations. */

import * as activation from "../ops/activation.ts";
import * as softmax from "../ops/softmax.ts";
import type { Tensor } from "../tensor.ts";
import { ArithmeticMethods } from "./arithmetic.ts";

/** Activations and their relatives. */
export abstract class ActivationMethods extends ArithmeticMethods {
  /** max(x, 0). */
  relu(this: Tensor): Tensor {
    return activation.relu(this);
  }

  /** 1 / (1 + e^-x). */
  sigmoid(this: Tensor): Tensor {
    return activation.sigmoid(this);
  }

  /** Hyperbolic tangent. */
  tanh(this: Tensor): Tensor {
    return activation.tanh(this);
  }

  /** e^x / Σ e^x along one axis. */
  softmax(this: Tensor, dim: number): Tensor {
    return softmax.softmax(this, dim);
  }

  /** Logarithm of softmax along one axis. */
  logSoftmax(this: Tensor, dim: number): Tensor {
    return softmax.logSoftmax(this, dim);
  }
}
