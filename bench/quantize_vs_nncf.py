#!/usr/bin/env python3
"""nacre's post-training INT8 against NNCF's: same calibration images, same compiler, one
Markdown row a network.

    python -m venv .deps/nncf && .deps/nncf/bin/pip install nncf==3.4.0 openvino==2026.4.1 pillow
    .deps/nncf/bin/python bench/quantize_vs_nncf.py bench/quantize_vs_nncf.toml \\
        --shared $NACRE_SHARED --data FOLDER
    .deps/nncf/bin/python bench/quantize_vs_nncf.py --train cifar10/train \\
        --test cifar10/test MODEL.onnx...

A list says where each network and its images lie and how images are prepared; FOLDER holds the
unpacked sets. nacre gets the calibration images and, where there are some, the validation images,
as a user would give them (`nacre quantize --train --val`), but for a wide `--max-drop`: no layer
goes back to float. NNCF gets the calibration images and its defaults. All are judged on images that
neither has seen. Where there are no labels, the answers of the float network are the truth, for
both alike. The interval is that of the paired difference (95 %).

Latency is of batch 1 on one thread, the networks interleaved; ratios are medians over
rounds, with the quartiles.
"""
import argparse
import pathlib
import statistics
import subprocess
import tempfile
import time
import tomllib

import nncf
import numpy as np
import openvino as ov
from PIL import Image

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]  # of models that are given alone


class Preparation:
    """From an image file to what a network reads, as the flags of nacre say it."""

    def __init__(self, entry, value):
        self.entry = entry
        shape = [each.get_length() if each.is_static else -1 for each in value.partial_shape]
        self.channels_last = shape[3] in (1, 3) and shape[1] not in (1, 3)
        self.bytes = value.element_type != ov.Type.f32
        sides = shape[1:3] if self.channels_last else shape[2:4]
        self.height, self.width = entry.get("size", sides)
        self.gray = entry.get("color") == "gray"

    def shape(self, batch):
        channels = 1 if self.gray else 3
        return ([batch, self.height, self.width, channels] if self.channels_last
                else [batch, channels, self.height, self.width])

    def fit(self, image):
        if self.entry.get("resize") != "crop":
            return image.resize((self.width, self.height), Image.Resampling.BILINEAR)
        factor = max(self.width / image.width, self.height / image.height)
        width = max(self.width, round(image.width * factor))
        height = max(self.height, round(image.height * factor))
        left, top = (width - self.width) // 2, (height - self.height) // 2
        return image.resize((width, height), Image.Resampling.BILINEAR).crop(
            (left, top, left + self.width, top + self.height))

    def load(self, path):
        image = self.fit(Image.open(path).convert("L" if self.gray else "RGB"))
        pixels = np.asarray(image, np.float32).reshape(self.height, self.width, -1)
        if self.entry.get("color") == "bgr":
            pixels = pixels[:, :, ::-1]
        pixels = pixels / np.float32(self.entry.get("scale", 255))
        pixels = (pixels - np.float32(self.entry.get("mean", [0]))) / np.float32(
            self.entry.get("std", [1]))
        if not self.channels_last:
            pixels = pixels.transpose(2, 0, 1)
        return np.ascontiguousarray(pixels).astype(np.uint8 if self.bytes else np.float32)

    def flags(self):
        text = []
        for key in ("size", "color", "resize", "scale", "mean", "std"):
            if key in self.entry:
                given = self.entry[key]
                joined = ",".join(map(str, given)) if isinstance(given, list) else str(given)
                text += ["--" + key, joined]
        return text + (["--task", "agreement"] if self.entry.get("truth") == "agreement" else [])


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


def compiled(model, preparation, batch, threads):
    model.reshape(preparation.shape(batch))
    return ov.Core().compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32",
        "PERFORMANCE_HINT": "LATENCY"})


def answers(model, preparation, images):
    """The class that the network gives to each image; one at a time, as files may fix the batch."""
    request = compiled(model, preparation, 1, 2).create_infer_request()
    return np.array([int(request.infer([image[None]])[0].argmax()) for image in images])


def median_time(request, seconds):
    """Of an inference: other programs on the machine hold some of them up, and not half."""
    taken, end = [], time.perf_counter() + seconds
    while len(taken) < 3 or time.perf_counter() < end:
        begin = time.perf_counter()
        request.infer()
        taken.append(time.perf_counter() - begin)
    return statistics.median(taken)


def latency_ratios(models, preparation, rounds=150, slice_seconds=0.02):
    """Of every model over the first: medians of per-round ratios, and their quartiles."""
    requests = [compiled(model, preparation, 1, 1).create_infer_request() for model in models]
    image = np.random.default_rng(0).uniform(0, 2, preparation.shape(1)).astype(
        np.uint8 if preparation.bytes else np.float32)
    for request in requests:
        request.set_input_tensor(ov.Tensor(image))
        for _ in range(50):
            request.infer()
    ratios = [[] for _ in models]
    for _ in range(rounds):
        times = [median_time(request, slice_seconds) for request in requests]
        for k, taken in enumerate(times):
            ratios[k].append(taken / times[0])
    return [statistics.quantiles(r, n=4) for r in ratios]


def judging(entry, data, chosen):
    """Images that no quantizer has seen, with the labels of their folders."""
    images = image_folder(data / entry["test"])
    if entry.get("truth") == "agreement":
        taken = set(chosen)
        images += [each for each in image_folder(data / entry["train"]) if each[0] not in taken]
    return images


def quantize_by_nacre(path, entry, preparation, options, folder):
    command = [options.nacre, "quantize", path, "--train", folder + "/images",
               *preparation.flags(), "-o", folder + "/nacre.onnx"]
    if "val" in entry:
        command += ["--val", options.data / entry["val"], "--max-drop", "50%"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return ov.Core().read_model(folder + "/nacre.onnx")


def compare(name, entry, options, folder):
    path = options.shared / entry["model"]
    original = ov.Core().read_model(path)
    preparation = Preparation(entry, original.inputs[0])
    chosen = calibration_folder(options.data / entry["train"],
                                entry.get("images", options.images), folder + "/images")
    mine = quantize_by_nacre(path, entry, preparation, options, folder)
    batch = [preparation.load(each)[None] for each in chosen]
    original.reshape(preparation.shape(1))
    theirs = nncf.quantize(original, nncf.Dataset(batch), subset_size=len(batch))
    judges = judging(entry, options.data, chosen)
    images = [preparation.load(path) for path, _ in judges]
    found = [answers(model, preparation, images) for model in (original, mine, theirs)]
    agreement = entry.get("truth") == "agreement"
    truth = found[0] if agreement else np.array([label for _, label in judges])
    right = [each == truth for each in found]
    differ = right[1].astype(int) - right[2].astype(int)
    interval = 196 * differ.std() / len(differ) ** 0.5
    _, ours, of_float = latency_ratios([theirs, mine, original], preparation)
    rates = " | ".join(f"{100 * each.mean():.2f} %" for each in right)
    alike = " | ".join(f"{100 * (each == found[0]).mean():.2f} %" for each in found[1:])
    print(f"| {name} | {'agreement' if agreement else 'top-1'}, {len(judges)} | {rates} "
          f"| {100 * differ.mean():+.2f} +-{interval:.2f} | {alike} "
          f"| {ours[1]:.3f} ({ours[0]:.3f}-{ours[2]:.3f}) | {of_float[1]:.2f} |", flush=True)


def entries(options):
    """Networks by name, of the lists and of the models that are given with one set of images."""
    found = {}
    for path in options.networks:
        if path.suffix == ".toml":
            found |= tomllib.loads(path.read_text())
        else:
            found[path.stem] = {"model": path.resolve(), "train": options.train.resolve(),
                                "test": options.test.resolve(), "mean": MEAN, "std": STD}
    return {name: entry for name, entry in found.items() if options.only in name}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("networks", type=pathlib.Path, nargs="+", help="lists in TOML, or models")
    parser.add_argument("--shared", type=pathlib.Path, default=".", help="of the lists' models")
    parser.add_argument("--data", type=pathlib.Path, default=".", help="of the lists' images")
    parser.add_argument("--train", type=pathlib.Path, help="for models")
    parser.add_argument("--test", type=pathlib.Path, help="for models")
    parser.add_argument("--nacre", default="build/nacre")
    parser.add_argument("--images", type=int, default=30, help="calibration images of each class")
    parser.add_argument("--only", default="", help="networks whose names hold this")
    options = parser.parse_args()
    if any(path.suffix != ".toml" for path in options.networks) and not (
            options.train and options.test):
        parser.error("models need --train and --test; give them, or a list")
    print("| network | judged by, images | FP32 | nacre | NNCF | nacre - NNCF, points "
          "| nacre agrees with FP32 | NNCF agrees | nacre's latency over NNCF's | FP32's |\n"
          "|---|---|---|---|---|---|---|---|---|---|", flush=True)
    for name, entry in entries(options).items():
        with tempfile.TemporaryDirectory() as folder:
            compare(name, entry, options, folder)


if __name__ == "__main__":
    main()
