"""Prints how OpenVINO's CPU plugin executes an ONNX file, one "<layer type> <precision>" a line.

Usage: quantize_primitives.py MODEL.onnx
Constants and shape-only operations, which cost nothing at run time, are left out.
"""

import sys

import openvino

FREE = {"Const", "Reshape", "Input", "Output"}


def main(path: str) -> None:
    core = openvino.Core()
    model = core.read_model(path)
    shape = model.inputs[0].partial_shape
    shape[0] = 1
    model.reshape(shape)
    options = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    compiled = core.compile_model(model, "CPU", options)
    for operation in compiled.get_runtime_model().get_ordered_ops():
        info = operation.get_rt_info()
        kind = info["layerType"].astype(str)
        if kind not in FREE:
            print(kind, info["runtimePrecision"].astype(str))


if __name__ == "__main__":
    main(sys.argv[1])
