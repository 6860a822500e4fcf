/** What the doctor's tests share. */

import { Linear, type Module, Sequential } from "@fdunn/nn";
import { randn, type Tensor } from "@fdunn/tensor";
import { Doctor, type DoctorOptions } from "./doctor.ts";

/** A doctor that says nothing aloud. */
export const quiet = (options: DoctorOptions = {}) =>
  new Doctor({ sink: () => {}, ...options });

/** Points of the plane, and whether their first coordinate is positive. */
export function points(n = 64): [Tensor, Tensor] {
  const x = randn([n, 2]);
  return [x, x.select(1, 0).gt(0).to("int32")];
}

export const mlp = (...between: Module[]) =>
  new Sequential(new Linear(2, 16), ...between, new Linear(16, 2));
