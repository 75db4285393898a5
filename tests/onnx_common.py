"""What the ONNX tests share: the round-trip tool, OpenVINO on one file, comparing."""

import json
import os
import subprocess

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import numpy as np
import onnx
import openvino as ov
from onnx import numpy_helper

core = ov.Core()


def run_tool(tool, tuples, *flags):
    """One dictionary a tuple of paths: what the tool prints for it."""
    reports = []
    for start in range(0, len(tuples), 200):
        part = tuples[start : start + 200]
        arguments = [path for paths in part for path in paths]
        done = subprocess.run([tool, *flags, *arguments], capture_output=True, text=True)
        reports += [json.loads(line) for line in done.stdout.splitlines()]
        if done.returncode != 0:
            raise SystemExit(f"the tool died ({done.returncode}) on {tuples[len(reports)][0]}: "
                             f"{done.stderr}")
    return reports


def round_trip(tool, pairs, *flags):
    """One dictionary a pair of paths, as tests/onnx_roundtrip_tool.cc prints it."""
    return run_tool(tool, pairs, *flags)


def run_in_torch(tool, triples):
    """One dictionary a triple of paths, as tests/train_forward_tool.cc prints it."""
    return run_tool(tool, triples)


def infer(path, inputs):
    """Outputs of the model at `path` under OpenVINO in FP32; `inputs` are in the model's order."""
    compiled = core.compile_model(
        path, "CPU",
        {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1},
    )
    if len(compiled.inputs) != len(inputs):
        raise ValueError(f"{len(compiled.inputs)} inputs instead of {len(inputs)}")
    named = {i: np.array(array) for i, array in enumerate(inputs.values())}
    result = compiled(named)
    return [np.array(result[port]) for port in compiled.outputs]


def differ(actual, expected, tolerance=1e-4):
    """Empty, or what is wrong. The tolerance is absolute below 1 and relative above."""
    if len(actual) != len(expected):
        return f"{len(actual)} outputs instead of {len(expected)}"
    for one, other in zip(actual, expected):
        if one.shape != other.shape:
            return f"shape {one.shape} instead of {other.shape}"
        one, other = one.astype(np.float64), np.asarray(other).astype(np.float64)
        if not np.allclose(one, other, rtol=tolerance, atol=tolerance, equal_nan=True):
            return f"largest difference {np.nanmax(np.abs(one - other))}"
    return ""


def load_tensor(path):
    """An array of a TensorProto file; nothing for sequences, optionals and strings."""
    try:
        tensor = onnx.TensorProto()
        with open(path, "rb") as file:
            tensor.ParseFromString(file.read())
        if tensor.data_type in (0, onnx.TensorProto.STRING):
            return None
        return numpy_helper.to_array(tensor)
    except Exception:
        return None
