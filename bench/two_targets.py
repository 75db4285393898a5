#!/usr/bin/env python3
"""Does the target decide which network wins? The same model optimized for two targets, both
winners measured on both.

    python bench/two_targets.py MODEL.onnx --train cifar10/train --test cifar10/test \\
        --accuracy 0.8909 --budget 20m --out runs/two

Latency of one image on one thread, and throughput in batches of 64 on two threads. Prints one
Markdown row a winner: images a second over the original's INT8 on each target, all interleaved, and
the accuracy that its run measured. Needs no packages.
"""
import argparse
import json
import pathlib
import subprocess

TARGETS = {"latency": "cpu:int8,threads=1,batch=1", "throughput": "cpu:int8,threads=2,batch=64"}
NORMAL = ["--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225"]


def optimize(options, objective):
    """The first entry of the run's front; a run that is there already is not repeated."""
    run = pathlib.Path(options.out) / objective
    if not (run / "front.json").exists():
        command = [options.nacre, "optimize", options.model, "--train", options.train,
                   "--test", options.test, "--accuracy", str(options.accuracy), *NORMAL,
                   "--budget", options.budget, "--objective", objective,
                   "--target", TARGETS[objective], "--out", str(run)]
        code = subprocess.run(command).returncode
        if code not in (0, 6):  # 6: nothing met the limit, the front is there all the same
            raise SystemExit(f"{' '.join(command)}: exit code {code}")
    best = json.loads((run / "front.json").read_text())[0]
    return best, run / best["path"] / "model.int8.onnx"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    for name in ("train", "test", "out"):
        parser.add_argument("--" + name, required=True)
    parser.add_argument("--accuracy", type=float, required=True)
    parser.add_argument("--budget", default="20m")
    parser.add_argument("--nacre", default="build/nacre")
    options = parser.parse_args()
    winners = {objective: optimize(options, objective) for objective in TARGETS}
    original = pathlib.Path(options.out) / "original.int8.onnx"
    subprocess.run([options.nacre, "quantize", options.model, "--train", options.train, *NORMAL,
                    "-o", str(original)], check=True, stdout=subprocess.DEVNULL)
    files = [str(original)] + [str(path) for _, path in winners.values()]
    speedups = {}
    for objective, target in TARGETS.items():
        reported = subprocess.run([options.nacre, "bench", *files, "--target", target, "-t", "10",
                                   "--json"], check=True, capture_output=True, text=True).stdout
        speedups[objective] = [row["speedup_over_first"] for row in json.loads(reported)[1:]]
    print("| optimized for | network | accuracy | on " + " | on ".join(TARGETS.values())
          + " |\n|---|---|---|---|---|")
    for place, (objective, (best, _)) in enumerate(winners.items()):
        figures = " | ".join(f"{speedups[target][place]:.2f}x" for target in TARGETS)
        print(f"| {objective} | {best['id']}: {best['architecture']} "
              f"| {100 * best['accuracy']:.2f} % | {figures} |")


if __name__ == "__main__":
    main()
