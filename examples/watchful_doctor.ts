/** The Doctor beside every training. */

import { type Callback, Doctor } from "@fdunn/train";
import { warn } from "./sparse_lines.ts";

/** Warns of silent mistakes, and in the end notes which there were. */
export function watchfulDoctor(note: (found: string) => void): Callback[] {
  const doctor = new Doctor({ sink: (word) => warn(`doctor: ${word}`) });
  return [doctor, {
    onFitEnd() {
      const found = doctor.findings.map(({ mistake }) => mistake);
      if (found.length > 0) note(found.join(", "));
    },
  }];
}
