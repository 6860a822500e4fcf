"""What measure.ts is to the JavaScript programs: does the workloads that it is
asked for, prints a line of JSON for each. Usage: PROGRAM THREADS [WORKLOAD]"""

import json
import sys
import time

WARM_SECONDS = 0.6
AGAIN_SECONDS = 0.03
PART_SECONDS = 0.02
VALUES_SECONDS = 20.0


class Job:
    """step() does the work once; values() are its loss, or five values."""

    def __init__(self, step, values, flops=None):
        self.step, self.values, self.flops = step, values, flops
        self.steps, self.warm = 1, False

    def first_values(self):
        self.losses = []
        start = time.perf_counter()
        while True:
            self.step()
            self.losses.extend(self.values())
            late = time.perf_counter() - start >= VALUES_SECONDS
            if len(self.losses) >= 5 or late:
                return

    def seconds_per_step(self, seconds):
        """The median over parts, after a warm-up; see measure.ts."""
        parts = []
        warmup = AGAIN_SECONDS if self.warm else WARM_SECONDS
        start = time.perf_counter()
        while time.perf_counter() - start < warmup + seconds or not parts:
            warming = time.perf_counter() - start < warmup
            begin = time.perf_counter()
            for _ in range(self.steps):
                self.step()
            took = time.perf_counter() - begin
            if warming and took < seconds:
                if took < PART_SECONDS:
                    self.steps *= 2
            else:
                parts.append(took / self.steps)
        self.warm = True
        return sorted(parts)[len(parts) // 2]


def report(library, version, make):
    threads = int(sys.argv[1])
    jobs = {}

    def answer(workload, seconds):
        line = {
            "library": library,
            "version": version,
            "workload": workload,
            "threads": threads,
        }
        try:
            if workload not in jobs:
                jobs[workload] = make(workload)
                jobs[workload].first_values()
            job = jobs[workload]
            line["losses"] = job.losses
            if seconds > 0:
                line["secondsPerStep"] = job.seconds_per_step(seconds)
                if job.flops:
                    line["gflops"] = job.flops / line["secondsPerStep"] / 1e9
        except NotImplementedError as error:
            line["cannot"] = str(error)
        print(json.dumps(line), flush=True)

    if len(sys.argv) > 2:
        return answer(sys.argv[2], 0)
    for line in sys.stdin:
        answer(**json.loads(line))
