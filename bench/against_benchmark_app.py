#!/usr/bin/env python3
"""`nacre bench` beside OpenVINO's benchmark_app: median latency of one model, one thread, one
stream, taking turns.

    .deps/venv/bin/python bench/against_benchmark_app.py MODEL.onnx [--shape 1,3,32,32] \\
        [--turns 15] [--seconds 2]

Prints the median over the turns of nacre's latency over benchmark_app's, with its quartiles.
"""
import argparse
import json
import pathlib
import re
import statistics
import subprocess
import sys


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--nacre", default="build/nacre")
    parser.add_argument("--shape", default="1,3,32,32")
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--seconds", type=int, default=2)
    options = parser.parse_args()
    app = pathlib.Path(sys.executable).with_name("benchmark_app")
    common = ["-m", options.model, "-hint", "none", "-nstreams", "1", "-nthreads", "1",
              "-t", str(options.seconds)]
    ratios = []
    for turn in range(options.turns):
        # benchmark_app would run what is in float in bfloat16 where the CPU can; nacre's targets
        # run it in FP32.
        text = subprocess.run([app, *common, "-d", "CPU", "-api", "sync",
                               "-infer_precision", "f32", "-shape", f"[{options.shape}]"],
                              check=True, capture_output=True, text=True).stdout
        theirs, unit = re.search(r"Median:\s+([\d.]+) (us|ms)", text).groups()
        theirs = float(theirs) / (1000 if unit == "us" else 1)
        ours = json.loads(subprocess.run([options.nacre, "bench", *common, "--json"], check=True,
                                         capture_output=True, text=True).stdout)[0]["latency_ms"]
        ratios.append(ours / theirs)
        print(f"{turn + 1}: benchmark_app {theirs:.4f} ms, nacre {ours:.4f} ms, "
              f"ratio {ratios[-1]:.3f}", file=sys.stderr)
    low, median, high = statistics.quantiles(ratios, n=4)
    print(f"nacre's latency over benchmark_app's: {median:.3f} "
          f"(quartiles {low:.3f} to {high:.3f}) in {options.turns} turns")


if __name__ == "__main__":
    main()
