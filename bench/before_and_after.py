#!/usr/bin/env python3
"""Two builds of nacre on the same job, alternating, so that drift of the machine hits both.

    before_and_after.py BEFORE AFTER RUN.toml [--rounds 2] [--budget 5m] [--work DIR]

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


def run(nacre, config, budget, folder):
    begin = time.monotonic()
    with open(f"{folder}.log", "w") as log:
        code = subprocess.run([nacre, "optimize", config, "--budget", budget, "--out", str(folder)],
                              stdout=log, stderr=log, env=dict(os.environ)).returncode
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
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    for number in range(1, options.rounds + 1):
        run(options.before, options.config, options.budget, work / f"before-{number}")
        run(options.after, options.config, options.budget, work / f"after-{number}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
