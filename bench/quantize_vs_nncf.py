#!/usr/bin/env python3
"""nacre's post-training INT8 against NNCF's: same calibration images, same compiler, one
Markdown row a model.

    python -m venv .deps/nncf && .deps/nncf/bin/pip install nncf==3.4.0 openvino==2026.4.1 pillow
    .deps/nncf/bin/python bench/quantize_vs_nncf.py --train cifar10/train \\
        --test cifar10/test MODEL.onnx...

Latency is of batch 1 on one thread, the networks interleaved; ratios are medians over
rounds, with the quartiles.
"""
import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time

import nncf
import numpy as np
import openvino as ov
from PIL import Image

MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(3, 1, 1)
STD = np.array([0.229, 0.224, 0.225], np.float32).reshape(3, 1, 1)


def load(path):
    pixels = np.asarray(Image.open(path).convert("RGB"), np.float32).transpose(2, 0, 1)
    return (pixels / 255 - MEAN) / STD


def image_folder(root):
    classes = sorted(p for p in pathlib.Path(root).iterdir() if p.is_dir())
    return [(path, label) for label, folder in enumerate(classes)
            for path in sorted(folder.iterdir())]


def calibration_folder(train, per_class, folder):
    """The first images of every class, as an ImageFolder of links; both quantizers take all."""
    chosen = []
    for source in sorted(p for p in pathlib.Path(train).iterdir() if p.is_dir()):
        target = pathlib.Path(folder) / source.name
        target.mkdir(parents=True)
        for path in sorted(source.iterdir())[:per_class]:
            (target / path.name).symlink_to(path.resolve())
            chosen.append(path)
    return chosen


def compiled(model, batch, threads):
    model.reshape([batch, 3, 32, 32])
    return ov.Core().compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY"})


def accuracy(model, images, labels):
    network, batch, right = compiled(model, 64, 2), 64, 0
    for begin in range(0, len(images), batch):
        part = images[begin:begin + batch]
        padded = np.concatenate([part, np.repeat(part[-1:], batch - len(part), 0)])
        answers = network(padded)[0].argmax(1)[:len(part)]
        right += int((answers == labels[begin:begin + len(part)]).sum())
    return right / len(images)


def latency_ratios(models, rounds=60, slice_seconds=0.02):
    """Of every model over the first: medians of per-round ratios, and their quartiles."""
    requests = [compiled(model, 1, 1).create_infer_request() for model in models]
    image = np.random.default_rng(0).standard_normal((1, 3, 32, 32)).astype(np.float32)
    for request in requests:
        request.set_input_tensor(ov.Tensor(image))
        for _ in range(200):
            request.infer()
    ratios = [[] for _ in models]
    for _ in range(rounds):
        times = []
        for request in requests:
            begin, count = time.perf_counter(), 0
            while time.perf_counter() - begin < slice_seconds:
                request.infer()
                count += 1
            times.append((time.perf_counter() - begin) / count)
        for k, taken in enumerate(times):
            ratios[k].append(taken / times[0])
    return [statistics.quantiles(r, n=4) for r in ratios]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", required=True)
    parser.add_argument("--test", required=True)
    parser.add_argument("--nacre", default="build/nacre")
    parser.add_argument("--images", type=int, default=30, help="calibration images of each class")
    parser.add_argument("models", nargs="+")
    options = parser.parse_args()
    test = image_folder(options.test)
    images = np.stack([load(path) for path, _ in test])
    labels = np.array([label for _, label in test])
    print("| model | FP32 | nacre | NNCF | nacre's latency over NNCF's | FP32's |\n"
          "|---|---|---|---|---|---|", flush=True)
    for path in options.models:
        with tempfile.TemporaryDirectory() as folder:
            chosen = calibration_folder(options.train, options.images, folder + "/images")
            subprocess.run([options.nacre, "quantize", path, "--train", folder + "/images",
                            "--mean", "0.485,0.456,0.406", "--std", "0.229,0.224,0.225",
                            "-o", folder + "/nacre.onnx"], check=True, stdout=subprocess.DEVNULL)
            original = ov.Core().read_model(path)
            mine = ov.Core().read_model(folder + "/nacre.onnx")
            batch = [load(each)[None] for each in chosen]
            original.reshape([1, 3, 32, 32])
            theirs = nncf.quantize(original, nncf.Dataset(batch), subset_size=len(batch))
            found = [accuracy(model, images, labels) for model in (original, mine, theirs)]
            _, ours, float_ratio = latency_ratios([theirs, mine, original])
            accuracies = " | ".join(f"{100 * each:.2f} %" for each in found)
            print(f"| {pathlib.Path(path).stem} | {accuracies} "
                  f"| {ours[1]:.3f} ({ours[0]:.3f}-{ours[2]:.3f}) | {float_ratio[1]:.2f} |",
                  flush=True)


if __name__ == "__main__":
    main()
