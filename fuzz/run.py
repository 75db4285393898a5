#!/usr/bin/env python3
"""Writes seeds and runs every fuzz target: run.py BUILD [--seconds 20] [--seed 1] [--only NAME].

The inputs that end a target are left in BUILD/fuzz/NAME/crash.
"""

import argparse
import io
import json
import pathlib
import struct
import subprocess
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def onnx_seeds():
    node = helper.make_node
    weights = numpy_helper.from_array(np.ones((2, 3, 3, 3), np.float32), "w")
    target = numpy_helper.from_array(np.array([0, -1], np.int64), "t")
    branch = helper.make_graph([node("Abs", ["a"], ["r"])], "branch", [],
                               [helper.make_tensor_value_info("r", TensorProto.FLOAT, None)])
    truth = numpy_helper.from_array(np.array(True), "truth")
    graph = helper.make_graph(
        [node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
         node("If", ["truth"], ["i"], then_branch=branch, else_branch=branch),
         node("Resize", ["i", "", "s"], ["z"]), node("Reshape", ["z", "t"], ["y"])], "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", 3, 4, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [weights, target, truth, numpy_helper.from_array(np.ones(4, np.float32), "s")])
    for opset in (9, 13, 17, 21):
        imports = [helper.make_opsetid("", opset)]
        yield helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString()


def random_seeds():
    chance = np.random.default_rng(1)
    for size in (20, 60, 120):
        for _ in range(8):
            yield chance.bytes(size)


def config_seeds():
    yield b'[model]\npath = "m.onnx"\n[search]\nbudget = "1h30m"\n[target]\nprecision = "int8"\n'
    yield b'[data]\nmemory = "1.5MiB"\npreprocess.mean = [0.1, 0.2, 0.3]\n'


def image_seeds():
    from PIL import Image

    pixels = np.arange(8 * 9 * 3, dtype=np.uint8).reshape(8, 9, 3)
    exif = Image.Exif()
    exif[0x0112] = 6
    for mode in ("RGB", "L", "P", "RGBA", "CMYK", "I;16"):
        image = Image.fromarray(pixels).convert("I" if mode == "I;16" else mode)
        for form in ("PNG", "JPEG"):
            data = io.BytesIO()
            try:
                image.save(data, form, exif=exif)
            except OSError:
                continue  # this form cannot hold this mode
            yield data.getvalue()


def coco_seeds():
    yield json.dumps({
        "info": {"year": 2017},
        "images": [{"id": 1, "file_name": "a/b.jpg", "width": 4, "height": 3}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 2, "bbox": [0, 0.5, 2, 1e1],
                         "area": 2.0, "iscrowd": 0, "segmentation": [[0, 0, 1, 1]]}],
        "categories": [{"id": 2, "name": "nut", "supercategory": "part"}]}).encode()


def voc_seeds():
    yield (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><annotation><size><width>4</width>'
           b"<height>3</height></size><object><name>a&amp;b</name><difficult>0</difficult><bndbox>"
           b"<xmin>1</xmin><ymin>1</ymin><xmax>2.5</xmax><ymax>3</ymax></bndbox></object>"
           b"</annotation>")


def safetensors_seeds():
    header = {"__metadata__": {"step": "1"},
              "w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}
    text = json.dumps(header).encode()
    yield struct.pack("<Q", len(text)) + text + bytes(8)


def wire_seeds():
    text = struct.pack("<BQ", 1, 5) + b"hello" + struct.pack("<d", 1.0)
    yield struct.pack("<Q", len(text)) + text
    yield struct.pack("<Q", 2**64 - 1) + text


SEEDS = {"onnx_bytes": onnx_seeds, "onnx_structured": random_seeds, "shapes": random_seeds,
         "config": config_seeds, "image": image_seeds, "coco": coco_seeds, "voc": voc_seeds,
         "safetensors": safetensors_seeds, "wire": wire_seeds}


def run(name, build, seconds, seed):
    folder = build / "fuzz" / name
    seeds = folder / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    for i, data in enumerate(SEEDS[name]()):
        (seeds / f"seed{i}").write_bytes(data)
    program = build / "fuzz" / f"fuzz_{name}"
    done = subprocess.run([program, seeds, str(seconds), str(seed)], cwd=folder,
                          capture_output=True, text=True, errors="replace")
    said = (done.stdout + done.stderr).strip().splitlines()
    print(f"{name}: {said[-1] if done.returncode == 0 and said else 'failed'}", flush=True)
    if done.returncode != 0:
        print("\n".join(said[:40]), f"\nthe input is {folder / 'crash'}", flush=True)
    return done.returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    names = [name for name in SEEDS if options.only in name]
    good = [run(name, options.build.resolve(), options.seconds, options.seed) for name in names]
    return 0 if good and all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
