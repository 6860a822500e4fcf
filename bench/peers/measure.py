"""What measure.ts is to the JavaScript programs: runs one workload, prints one
line of JSON. Usage: PROGRAM WORKLOAD THREADS SECONDS"""

import json
import sys
import time

WARM_SECONDS = 1.0
PART_SECONDS = 0.02


class Job:
    """step() does the work once; values() are its loss, or five values."""

    def __init__(self, step, values, flops=None):
        self.step, self.values, self.flops = step, values, flops


def first_values(job):
    losses = []
    while len(losses) < 5:
        job.step()
        losses.extend(job.values())
    return losses


def seconds_per_step(job, seconds):
    """The median over parts, after a warm-up; see measure.ts."""
    steps, parts = 1, []
    start = time.perf_counter()
    while time.perf_counter() - start < WARM_SECONDS + seconds or not parts:
        warming = time.perf_counter() - start < WARM_SECONDS
        begin = time.perf_counter()
        for _ in range(steps):
            job.step()
        took = time.perf_counter() - begin
        if warming and took < WARM_SECONDS:
            if took < PART_SECONDS:
                steps *= 2
        else:
            parts.append(took / steps)
    return sorted(parts)[len(parts) // 2]


def report(library, version, make):
    workload, threads, seconds = sys.argv[1:4]
    line = {
        "library": library,
        "version": version,
        "workload": workload,
        "threads": int(threads),
    }
    try:
        job = make(workload)
        line["losses"] = first_values(job)
        if float(seconds) > 0:
            line["secondsPerStep"] = seconds_per_step(job, float(seconds))
            if job.flops:
                line["gflops"] = job.flops / line["secondsPerStep"] / 1e9
    except NotImplementedError as error:
        line["cannot"] = str(error)
    print(json.dumps(line))
