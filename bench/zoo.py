#!/usr/bin/env python3
"""What nacre does with many real networks: inspect, convert, quantize, and a random architecture.

    zoo.py BUILD FOLDER... [--markdown FILE] [--only TEXT] [--timeout 300]

For every ONNX file of the folders: `nacre inspect` (exit code, seconds, peak memory); `nacre
convert` (equal to the original in ONNX Runtime, 1e-4 of the largest value; what OpenVINO cannot
verify, and how the file is read where engines differ); `nacre quantize` on a few random images (how
many quantizers the result has, and whether it runs in OpenVINO); bench/random_architecture (a
random architecture, trained for an update, put back, compiled, with the same output shapes). Prints
a row for each, and the reason for everything that is refused. torchvision_zoo.py exports 40
networks.
"""

import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime
from PIL import Image

SIZES = {"dynhw": "64,64", "ultraface": "240,320"}  # images where files leave their size open


def most_resident(pid):
    """MiB of a process so far; what wait4 reports begins at the size of this one."""
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def run(command, timeout):
    """Exit code, output, the last line of the complaints, seconds, MiB."""
    begin = time.monotonic()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=err)
        peak = 0
        while True:
            peak = max(peak, most_resident(process.pid))
            pid, status = os.waitpid(process.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() - begin > timeout:
                process.kill()
            time.sleep(0.02)
        seconds = time.monotonic() - begin
        out.seek(0), err.seek(0)
        said = err.read().decode(errors="replace").strip().splitlines()
        code = os.waitstatus_to_exitcode(status)
        process.returncode = code
        return code, out.read().decode(), said[-1] if said else "", seconds, peak


def size_of(path):
    """--size for the file, where it leaves height or width open."""
    for name, size in SIZES.items():
        if name in path.stem:
            return ["--size", size]
    model = onnx.load(path, load_external_data=False)
    constants = {each.name for each in model.graph.initializer}
    for info in model.graph.input:
        dims = info.type.tensor_type.shape.dim
        if info.name in constants or len(dims) != 4:
            continue
        last = dims[3].dim_value in (1, 3)
        if not all(each.dim_value > 0 for each in (dims[1:3] if last else dims[2:4])):
            return ["--size", "224,224"]
    return []


def feeds(model):
    constants = {each.name for each in model.graph.initializer}
    generator = numpy.random.default_rng(1)
    types = {1: numpy.float32, 2: numpy.uint8, 3: numpy.int8, 6: numpy.int32, 7: numpy.int64,
             9: bool, 10: numpy.float16, 11: numpy.float64}
    made = {}
    for info in model.graph.input:
        if info.name in constants:
            continue
        shape = [each.dim_value if each.dim_value > 0 else (1 if i == 0 else 224)
                 for i, each in enumerate(info.type.tensor_type.shape.dim)]
        kind = types[info.type.tensor_type.elem_type]
        values = generator.uniform(-1, 1, shape)
        made[info.name] = (values if kind in (numpy.float32, numpy.float16, numpy.float64)
                           else generator.integers(0, 2, shape)).astype(kind)
    return made


def same_in_onnxruntime(before, after):
    """The largest difference over the largest value, or a complaint."""
    try:
        given = feeds(onnx.load(before, load_external_data=False))
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        first, second = [onnxruntime.InferenceSession(str(path), options,
                                                      providers=["CPUExecutionProvider"])
                         for path in (before, after)]
        names = [each.name for each in first.get_outputs()]
        expected = first.run(names, given)
        actual = second.run(names, {each.name: given[each.name] for each in second.get_inputs()})
        worst = 0.0
        for a, b in zip(expected, actual):
            if a.shape != b.shape:
                return f"shape {b.shape} for {a.shape}"
            a, b = a.astype(numpy.float64), b.astype(numpy.float64)
            if a.size:
                worst = max(worst, float(numpy.max(numpy.abs(a - b)))
                            / max(1e-12, float(numpy.max(numpy.abs(a)))))
        return worst
    except Exception as error:  # what ONNX Runtime cannot run is no fault of the conversion
        return "ONNX Runtime: " + str(error).splitlines()[0][:120]


def random_images(folder):
    (folder / "0").mkdir(parents=True)
    generator = random.Random(1)
    for i in range(8):
        data = bytes(generator.randrange(256) for _ in range(64 * 64 * 3))
        Image.frombytes("RGB", (64, 64), data).save(folder / "0" / f"{i}.png")


def quantized_layers(path):
    model = onnx.load(path)
    return sum(node.op_type == "QuantizeLinear" for node in model.graph.node)


def complaint_of_openvino(nacre, path, work, size, timeout):
    """Empty when OpenVINO runs the file: that is what convert compares by."""
    code, text, said, _, _ = run([nacre, "convert", path, work / "again.onnx", "--json", *size],
                                 timeout)
    if code != 0:
        return f"; exit {code}: {said}"
    return "" if json.loads(text)["outputs"] else "; OpenVINO does not run it"


def row_of(path, options, work, images):
    nacre, size = options.build / "nacre", size_of(path)
    row = {"model": path.stem}
    code, text, said, seconds, memory = run([nacre, "inspect", path, "--json", *size],
                                            options.timeout)
    row["inspect"] = f"{seconds:.1f} s, {memory:.0f} MiB" if code == 0 else f"exit {code}: {said}"
    if code == 0:
        row["rebuilt"] = f"{100 * json.loads(text)['share_that_can_be_rebuilt']:.0f} %"
    converted = work / "converted.onnx"
    code, text, said, _, _ = run([nacre, "convert", path, converted, "--json", *size],
                                 options.timeout)
    if code == 0:
        known = json.loads(text)
        difference = same_in_onnxruntime(path, converted)
        fine = isinstance(difference, float) and difference <= 1e-4
        row["convert"] = ("equal" if fine else f"{difference}") + (
            "" if known["verified"] else "; OpenVINO: " + known.get("not_verified", "differs")
        ) + "".join("; " + reading for reading in known["readings"])
    else:
        row["convert"] = f"exit {code}: {said}"
    quantized = work / "quantized.onnx"
    code, text, said, seconds, _ = run([nacre, "quantize", path, "--data", images, "-o", quantized,
                                        *size], options.timeout)
    row["quantize"] = (f"{quantized_layers(quantized)} quantizers, {seconds:.0f} s"
                       if code == 0 else f"exit {code}: {said}")
    if code == 0:
        row["quantize"] += complaint_of_openvino(nacre, quantized, work, size, options.timeout)
    code, text, said, seconds, memory = run(
        [options.build / "bench" / "random_architecture", path, work / "random.onnx", *size],
        options.timeout)
    known = json.loads(text) if text.startswith("{") else {"error": said or f"exit {code}"}
    row["random architecture"] = known.get("error") or (
        f"{known['replaced']} parts of {known['blocks']} blocks, {seconds:.0f} s")
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("folders", type=pathlib.Path, nargs="+")
    parser.add_argument("--markdown", type=pathlib.Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--timeout", type=float, default=300)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        random_images(work / "images")
        paths = [path for each in options.folders for path in sorted(each.glob("*.onnx"))]
        for path in paths:
            if options.only not in path.stem:
                continue
            rows.append(row_of(path, options, work, work / "images"))
            print(json.dumps(rows[-1]), flush=True)
    if options.markdown:
        names = ["model", "inspect", "rebuilt", "convert", "quantize", "random architecture"]
        lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
        lines += ["| " + " | ".join(str(row.get(name, "")).replace("|", "/") for name in names)
                  + " |" for row in rows]
        options.markdown.write_text("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
