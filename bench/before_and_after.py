#!/usr/bin/env python3
"""Two builds of nacre on the same job, alternating, so that drift of the machine hits both.

    before_and_after.py BEFORE AFTER RUN.toml [--rounds 2] [--budget 5m] [--work DIR]
                        [--side-by-side]

With --side-by-side the two run at the same time, each pinned to one core, and change cores from
round to round: half the time, the same conditions for both, and half the training in a budget.
Prints, for every run, speedup over INT8 with its interval, accuracy, and whether the limit was met.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time


def start(nacre, options, folder, core=None):
    command = [nacre, "optimize", options.config, "--budget", options.budget, "--out", str(folder)]
    if core is not None:
        command = ["taskset", "-c", str(core), *command]
    with open(f"{folder}.log", "w") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=dict(os.environ))


def finish(process, folder, begin):
    code = process.wait()
    print(f"{folder.name}: exit code {code}, {time.monotonic() - begin:.0f} s", flush=True)
    if not (folder / "front.json").exists():
        return
    for entry in json.loads((folder / "front.json").read_text()):
        low, high = entry["speedup_over_int8_ci"]
        print(f"  {entry['id']:<10} {entry['speedup_over_int8']:.2f}x ({low:.2f} to {high:.2f})  "
              f"{100 * entry['accuracy']:.2f} %  {'met' if entry['meets_limit'] else 'missed'}",
              flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before")
    parser.add_argument("after")
    parser.add_argument("config")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--budget", default="5m")
    parser.add_argument("--work", default="runs/before-and-after")
    parser.add_argument("--side-by-side", action="store_true", help="both at once, a core each")
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    cores = sorted(os.sched_getaffinity(0))[:2]
    for number in range(1, options.rounds + 1):
        runs = [(options.before, work / f"before-{number}"),
                (options.after, work / f"after-{number}")]
        if options.side_by_side:
            begin = time.monotonic()
            both = [start(nacre, options, folder, core)
                    for (nacre, folder), core in zip(runs, cores)]
            for process, (_, folder) in zip(both, runs):
                finish(process, folder, begin)
            cores.reverse()
            continue
        for nacre, folder in runs:
            begin = time.monotonic()
            finish(start(nacre, options, folder), folder, begin)
    return 0


if __name__ == "__main__":
    sys.exit(main())
