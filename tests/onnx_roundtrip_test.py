"""Round trip ONNX -> Network -> ONNX: outputs equal to 1e-4 under OpenVINO for the given networks
and for exports from PyTorch; ONNX's light models import, with what is not understood frozen.

Usage: onnx_roundtrip_test.py TOOL given|torch|light|core [FOLDER_OF_MODELS]
"""

import contextlib
import glob
import io
import itertools
import os
import sys
import tempfile
import warnings

import numpy as np
import onnx
from onnx import version_converter

from onnx_common import differ, infer, round_trip


def compare(tool, files, batches):
    """Round trip of every file; `batches` gives the batch sizes to run it with. Returns the
    reports."""
    written = [path.replace(".onnx", ".out.onnx") for path in files]
    reports, failures = round_trip(tool, list(zip(files, written))), []
    for path, out, report in zip(files, written, reports):
        problem = report.get("error") or check(path, out, report, batches(path))
        print(os.path.basename(path), problem or "equal", report.get("operations"),
              report.get("frozen"))
        if problem:
            failures.append(path)
    if failures:
        sys.exit(f"{len(failures)} of {len(files)} failed")
    return reports


def check(path, out, report, batches):
    if report["frozen"]:
        return f"frozen: {report['frozen']}"
    onnx.checker.check_model(out, full_check=True)
    first = onnx.load(path, load_external_data=False).graph.input[0]
    shape = [d.dim_value for d in first.type.tensor_type.shape.dim]
    for batch in batches:
        x = np.random.default_rng(batch).normal(size=[batch, *shape[1:]]).astype(np.float32)
        problem = differ(infer(out, {"image": x}), infer(path, {"image": x}))
        if problem:
            return f"batch {batch}: {problem}"
    return ""


def given(tool, folder):
    files = sorted(glob.glob(os.path.join(folder, "*.onnx")))
    if not files:
        print("no models in", folder)
        sys.exit(77)
    with tempfile.TemporaryDirectory() as place:
        links = [os.path.join(place, os.path.basename(file)) for file in files]
        for file, link in zip(files, links):
            os.symlink(file, link)
        compare(tool, links, lambda path: (1, 5))


def torch_exports(tool):
    import onnx_nets

    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as place:
        files = []
        for name in onnx_nets.NETS:
            for i, (opset, folded) in enumerate(itertools.product((11, 13, 17), (True, False))):
                if name == "resnet50" and i not in (1, 4):
                    continue
                dynamic = (i + i // 2) % 2 == 0
                kind = f"{'folded' if folded else 'bn'}-{'n' if dynamic else '2'}"
                path = os.path.join(place, f"{name}-{opset}-{kind}.onnx")
                with contextlib.redirect_stdout(io.StringIO()):
                    onnx_nets.export(name, path, opset, folded, dynamic)
                files.append(path)
        reports = compare(tool, files, lambda path: (1, 3) if path.endswith("-n.onnx") else (2,))
        for path, report in zip(files, reports):
            batch_norms = report["operations"].get("BatchNormalization", 0)
            expected = "-bn-" in path and "plain" not in path and "squeezenet" not in path
            if expected and batch_norms == 0:
                sys.exit(f"{path} lost its batch-norm")


def light(tool):
    """They are of opset 9 and of IR 3, where weights count as inputs too; their weights come from
    ConstantOfShape."""
    root = os.path.join(os.path.dirname(onnx.__file__), "backend", "test", "data", "light")
    with tempfile.TemporaryDirectory() as place:
        pairs = []
        for path in sorted(glob.glob(os.path.join(root, "*.onnx"))):
            for opset in (9, 13):
                model = version_converter.convert_version(onnx.load(path), opset)
                target = os.path.join(place, f"{opset}-{os.path.basename(path)}")
                onnx.save(model, target)
                pairs.append((target, target.replace(".onnx", ".out.onnx")))
        failures = 0
        for (path, out), report in zip(pairs, round_trip(tool, pairs)):
            problem = report.get("error", "")
            if not problem:
                onnx.checker.check_model(out, full_check=True)
                graph = onnx.load(path).graph
                weights = {tensor.name for tensor in graph.initializer}
                inputs = {}
                for info in graph.input:
                    if info.name not in weights:
                        shape = [d.dim_value for d in info.type.tensor_type.shape.dim]
                        values = np.random.default_rng(1).normal(size=shape)
                        inputs[info.name] = values.astype(np.float32)
                problem = differ(infer(out, inputs), infer(path, inputs))
            print(os.path.basename(path), problem or "equal", report.get("operations"),
                  report.get("frozen"))
            failures += bool(problem)
        if failures or len(pairs) < 9:
            sys.exit(f"{failures} of {len(pairs)} light models failed")


def cores(tool, shared):
    """The core of every file that has reference outputs, embedded again, answers as ONNX Runtime
    did. Files that were quantized go on from other numbers and are left out."""
    files = sorted(glob.glob(os.path.join(shared, "cases", "onnx", "*.npz")) +
                   glob.glob(os.path.join(shared, "models", "zoo", "*.npz")))
    if not files:
        print("no models in", shared)
        sys.exit(77)
    compared, failures = 0, 0
    for reference in files:
        path = reference.replace(".npz", ".onnx")
        with tempfile.TemporaryDirectory() as place:
            out = os.path.join(place, "out.onnx")
            [report] = round_trip(tool, [(path, out)], "--core")
            if "error" in report or any("quantized already" in note for note in report["notes"]):
                print(os.path.basename(path), report.get("error", "quantized"))
                continue
            arrays = np.load(reference)
            inputs = {key: arrays[key] for key in arrays if key.startswith("in_")}
            expected = [arrays[key] for key in arrays if key.startswith("out_")]
            if "c02" in path or "c01" in path or "p_gap" in path or "same_neg" in path:
                continue  # engines disagree on their padding
            problem = differ(infer(out, inputs), expected)
            print(os.path.basename(path), problem or "equal", report["classes"])
            compared += 1
            failures += bool(problem)
    if failures or compared < 20:
        sys.exit(f"{failures} of {compared} cores differ")


if __name__ == "__main__":
    which = sys.argv[2]
    if which == "given":
        given(sys.argv[1], sys.argv[3])
    elif which == "torch":
        torch_exports(sys.argv[1])
    elif which == "core":
        cores(sys.argv[1], sys.argv[3])
    else:
        light(sys.argv[1])
