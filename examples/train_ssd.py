#!/usr/bin/env python3
"""Trains SSD-MobileNetV1 on a detection set and exports it as ONNX in three forms.

Needs torch, onnx, Pillow and pycocotools. The set is a folder or a zip file with the splits
train and val, in COCO form or Pascal VOC's. OUT/checkpoint.pt holds the state after each epoch:
the same command goes on from there. README.md in examples/ssd says more.
"""

import argparse
import json
import pathlib
import time

import torch

from ssd.export import export_all
from ssd.training import Training


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", help="the set: a folder or a zip file")
    parser.add_argument("out", type=pathlib.Path, help="folder for the checkpoint and the models")
    parser.add_argument("--width", type=float, default=1.0, help="of the network (default 1.0)")
    parser.add_argument("--trunk", help="ONNX file of a MobileNetV1 of that width to begin with")
    parser.add_argument("--epochs", type=int, default=60, help="in all (default 60)")
    parser.add_argument("--batch", type=int, default=16, help="images in an update (default 16)")
    parser.add_argument("--rate", type=float, default=1e-3,
                        help="largest learning rate of AdamW (default 0.001)")
    parser.add_argument("--decay", type=float, default=0.01,
                        help="weight decay of AdamW (default 0.01)")
    parser.add_argument("--every", type=int, default=5,
                        help="epochs between evaluations on val (default 5)")
    parser.add_argument("--splits", nargs="*", default=["val"],
                        help="evaluated at the end (default val)")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--bf16", action="store_true", help="multiply in bfloat16 while training")
    parser.add_argument("--threads", type=int, default=1, help="of torch on the CPU (default 1)")
    parser.add_argument("--workers", type=int, default=0,
                        help="processes that prepare images (default 0: none but this)")
    parser.add_argument("--images", type=int, help="only the first of each split, for a trial")
    parser.add_argument("--seed", type=int, default=1, help="(default 1)")
    return parser.parse_args(arguments)


def in_words(precision: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:.4f}" for name, value in precision.items())


def train(training: Training, options: argparse.Namespace):
    """Trains for the epochs that are left, and prints a line for each."""
    if training.epoch:
        print(f"going on after epoch {training.epoch} of {options.epochs}", flush=True)
    while training.epoch < options.epochs:
        begin = time.monotonic()
        of_class, of_box = training.run_epoch()
        seconds = time.monotonic() - begin
        left = seconds * (options.epochs - training.epoch) / 60
        print(f"epoch {training.epoch}/{options.epochs}: loss of classes {of_class:.3f}, of boxes "
              f"{of_box:.3f}, {seconds:.0f} s, {left:.0f} min left", flush=True)
        if training.epoch % options.every == 0:
            print(f"  val: {in_words(training.judge('val'))}", flush=True)


def main(arguments: list[str] | None = None) -> dict[str, dict[str, float]]:
    """Trains, exports, and returns the precision on each of the splits."""
    options = parse(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    training = Training(options)
    train(training, options)
    precision = {split: training.judge(split) for split in options.splits}
    for split, each in precision.items():
        print(f"{split}: {in_words(each)}", flush=True)
    export_all(training.detector, training.train_set.categories, options.out)
    (options.out / "precision.json").write_text(json.dumps(precision, indent=1) + "\n")
    print(f"wrote raw.onnx, decoded.onnx, nms.onnx and anchors.json into {options.out}")
    return precision


if __name__ == "__main__":
    main()
