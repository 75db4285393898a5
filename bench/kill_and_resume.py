#!/usr/bin/env python3
"""A run that is killed again and again ends as an undisturbed one does.

    kill_and_resume.py NACRE RUN.toml [--kills 20] [--seed 0] [--budget 3m] [--work DIR]

First the run goes through undisturbed. Then it is started anew, killed (SIGKILL) at random moments,
and resumed each time, until it has ended. The second run takes what depends on the clock
(latencies, speeds, decisions about time, tuning of INT8) from the first (NACRE_RECORDING), as two
runs would differ by chance otherwise; everything else it does itself. Exit code, and identity and
accuracy of every result, must be the same: the script then exits with 0, else with 1.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time


def start(nacre, arguments, recording, log):
    environment = dict(os.environ, OMP_WAIT_POLICY="passive")
    if recording:
        environment["NACRE_RECORDING"] = str(recording)
    return subprocess.Popen([nacre, *arguments], env=environment, stdout=log, stderr=log)


def results(run):
    """Identity and accuracies of the results, in an order that does not depend on latencies."""
    front = json.loads((run / "front.json").read_text())
    return sorted((e["id"], e["accuracy"], e["accuracy_fp32"], e["architecture"]) for e in front)


def undisturbed(options, run, log):
    begin = time.monotonic()
    process = start(options.nacre, ["optimize", options.config, "--budget", options.budget,
                                    "--out", str(run)], None, log)
    return process.wait(), time.monotonic() - begin


def disturbed(options, run, recording, seconds, log):
    """Exit code, and the moments of the kills, in seconds of the session that each one ended."""
    moments = random.Random(options.seed)
    arguments = ["optimize", options.config, "--budget", options.budget, "--out", str(run)]
    killed = []
    while True:
        process = start(options.nacre, arguments, recording, log)
        wait = None
        if len(killed) < options.kills:
            wait = moments.uniform(0.1, 2 * seconds / options.kills + options.startup)
        try:
            code = process.wait(timeout=wait)
            return code, killed
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed.append(round(wait, 1))
        if (run / "config.resolved.toml").exists():
            arguments = ["resume", str(run)]
        else:  # killed before the run was there
            shutil.rmtree(run, ignore_errors=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("nacre")
    parser.add_argument("config")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--budget", default="3m")
    parser.add_argument("--startup", type=float, default=3.0, help="seconds until a run works")
    parser.add_argument("--work", default="runs/kill-and-resume")
    options = parser.parse_args()
    work = pathlib.Path(options.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    with open(work / "log.txt", "w") as log:
        expected, seconds = undisturbed(options, work / "undisturbed", log)
        print(f"undisturbed: exit code {expected} after {seconds:.0f} s", flush=True)
        code, killed = disturbed(options, work / "killed", work / "undisturbed", seconds, log)
    print(f"killed {len(killed)} times, after {killed} s of its sessions: exit code {code}")
    before, after = results(work / "undisturbed"), results(work / "killed")
    print(f"undisturbed: {before}\nkilled:      {after}")
    same = code == expected and before == after
    print("the same" if same else "NOT the same")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
