"""Runs every <name>.onnx of a folder in ONNX's reference evaluator.

Reads <name>.in and writes <name>.out, both float32.
"""

import pathlib
import sys

import numpy
import onnx
from onnx.reference import ReferenceEvaluator

for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    model = onnx.load(path)
    graph_input = model.graph.input[0]
    shape = [dim.dim_value for dim in graph_input.type.tensor_type.shape.dim]
    data = numpy.fromfile(path.with_suffix(".in"), numpy.float32).reshape(shape)
    (result,) = ReferenceEvaluator(model).run(None, {graph_input.name: data})
    numpy.ascontiguousarray(result, numpy.float32).tofile(path.with_suffix(".out"))
