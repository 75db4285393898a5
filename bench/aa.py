#!/usr/bin/env python3
"""A/A: a network against itself, many times; counts how often `nacre bench` calls the two
different.

    python3 bench/aa.py MODEL.onnx [--comparisons 200] [--seconds 1] [--load]

--load keeps one core busy with other work meanwhile. An honest measurement calls at most 1 %
different.
"""
import argparse
import json
import multiprocessing
import subprocess


def busy():
    while True:
        sum(i * i for i in range(100_000))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--nacre", default="build/nacre")
    parser.add_argument("--comparisons", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--load", action="store_true")
    options = parser.parse_args()
    load = multiprocessing.Process(target=busy, daemon=True)
    if options.load:
        load.start()
    different, widths, errors = 0, [], []
    for _ in range(options.comparisons):
        command = [options.nacre, "bench", options.model, options.model,
                   "-t", str(options.seconds), "--json"]
        row = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)[1]
        different += row["differs"]
        low, high = row["speedup_ci"]
        widths.append(high - low)
        errors.append(abs(row["speedup_over_first"] - 1))
    widths.sort()
    errors.sort()
    n = options.comparisons
    print(f"{different} of {n} called different ({100 * different / n:.1f} %), "
          f"median width of the interval {widths[n // 2]:.4f}, "
          f"errors of the ratio: median {errors[n // 2]:.4f}, largest {errors[-1]:.4f}")


if __name__ == "__main__":
    main()
