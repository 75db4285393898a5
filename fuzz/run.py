#!/usr/bin/env python3
"""Writes seeds and runs every fuzz target: run.py BUILD [--seconds 20] [--seed 1] [--only NAME].

The inputs that end a target are left in BUILD/fuzz/NAME/crash.
"""

import argparse
import base64
import json
import pathlib
import struct
import subprocess
import sys
import zlib

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


# JPEG files of 9 x 8 pixels: in colour with EXIF, and grey and progressive.
JPEGS = (
    '|JeWF01!$>Nk#wx0RR9200961|KR{4MR;ju002!*04e|g00;m90TKWM0000100sa600000|JwjV02>k%7Zed27Zw'
    '*D92+1gLMtdGB`8rkJupIGRb^yfRb5+Zc$tA}agcLcU4^xVke;Kft*d8%yve$z$C;?Br2pFhLjfEf9w;LyPAe-;q'
    ';6eqq@<*zq@<*zq@<*zq@<*zq@<*zq@<*zq@<*zq@<*zq@<*zq@<*zq@<*zq@<*zq@@4A01*fP2mlEK0U`hb5di}'
    'c0sq7R6#xMN00000000000000000003|HJ?o5CH%K0RR91000000000000067Vio_y02BcM00000000000000000'
    '000|HJ?k5di=I0000000000000000095m01N{G00I#M5dc2`gekJ88z2w=*#',
    '|JeWF01!$>Nk#wx0RR9200961|JwjV02>k%7Zed27Zw*D92+1gLMtdGB`8rkJupIGRb^yfRb5+Zc$tA}agcLcU4^'
    'xVke;Kft*d8%yve$z$C;?Br2oPI3kU!R00{vB5di<h02KfM0RR910000000000000021OM6p2mt{A0004+|HJ?l5'
    'CH)I000000000000000000yJ+5iXv0RRC70*WvH!~hf!0RR910000000000000005dYc$2mt{A20sEn|HJ?n5CH%'
    'K0000000000000000004DasS!?2mt{A0Y4#%F#p;B2mt{A000pG0RO}Q6c7Ob000000000000000000pG+5iXv0R'
    'RC%5H<hV')


def png(color_type, depth, channels):
    def chunk(kind, data):
        return (struct.pack(">I", len(data)) + kind + data
                + struct.pack(">I", zlib.crc32(kind + data)))

    row = bytes(1 + (9 * channels * depth + 7) // 8)
    return (b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", struct.pack(">IIBBBBB", 9, 8, depth, color_type, 0, 0, 0))
            + (chunk(b"PLTE", bytes(range(12))) if color_type == 3 else b"")
            + chunk(b"IDAT", zlib.compress(row * 8)) + chunk(b"IEND", b""))


def image_seeds():
    for color_type, depth, channels in ((0, 8, 1), (0, 16, 1), (2, 8, 3), (3, 2, 1), (6, 8, 4)):
        yield png(color_type, depth, channels)
    for jpeg in JPEGS:
        yield base64.b85decode(jpeg)


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
