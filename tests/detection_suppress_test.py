#!/usr/bin/env python3
"""Holds nacre's non-maximum suppression against ONNX's reference, and ONNX Runtime's where it is.

detection_suppress_test.py TOOL
"""

import json
import subprocess
import sys

import numpy as np
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

INPUTS = {"boxes": [1, None, 4], "scores": [1, 1, None], "most": [1], "iou": [1], "least": [1]}


def suppression():
    types = {"most": TensorProto.INT64}
    graph = helper.make_graph(
        [helper.make_node("NonMaxSuppression", list(INPUTS), ["kept"])], "suppression",
        [helper.make_tensor_value_info(name, types.get(name, TensorProto.FLOAT), shape)
         for name, shape in INPUTS.items()],
        [helper.make_tensor_value_info("kept", TensorProto.INT64, [None, 3])])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def engines():
    model = suppression()
    yield "the reference of ONNX", ReferenceEvaluator(model).run
    try:
        import onnxruntime
    except ImportError:
        return
    yield "ONNX Runtime", onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]).run


def cases():
    chance = np.random.default_rng(1)
    for number in range(150):
        count = int(chance.integers(1, 120))
        centre, half = chance.uniform(0, 60, (count, 2)), chance.uniform(0, 20, (count, 2))
        boxes = np.concatenate([centre - half, centre + half], 1).astype(np.float32)
        scores = chance.uniform(0, 1, count).astype(np.float32)
        if number % 3 == 1:
            scores = np.round(scores * 4) / 4  # ties
        if number % 3 == 2:
            boxes = np.round(boxes / 4) * 4  # equal overlaps, and boxes without area
        if number % 5 == 1:
            boxes[::2] = boxes[::2][:, [2, 3, 0, 1]]  # corners in any order
        yield {"boxes": boxes, "scores": scores.astype(np.float32),
               "most_iou": float(np.float32(chance.choice([0, 0.3, 0.5, 0.6, 1]))),
               "least_score": float(np.float32(chance.choice([0, 0.25, 0.5]))),
               "most_boxes": int(chance.choice([1, 5, 200]))}


def expected(run, case):
    # ONNX has y before x, which makes no difference to what stays.
    kept = run(None, {"boxes": case["boxes"][None], "scores": case["scores"][None, None],
                      "most": np.array([case["most_boxes"]], np.int64),
                      "iou": np.array([case["most_iou"]], np.float32),
                      "least": np.array([case["least_score"]], np.float32)})[0]
    return kept[:, 2].tolist()


def main():
    all_cases = list(cases())
    plain = [{key: value.tolist() if isinstance(value, np.ndarray) else value
              for key, value in case.items()} for case in all_cases]
    run = subprocess.run([sys.argv[1]], input=json.dumps(plain), capture_output=True, text=True,
                         check=True)
    mine, wrong = json.loads(run.stdout), 0
    for name, engine in engines():
        for number, case in enumerate(all_cases):
            theirs = expected(engine, case)
            if mine[number] != theirs:
                wrong += 1
                print(f"case {number}: nacre keeps {mine[number]}, {name} {theirs}")
        print(f"{len(all_cases)} cases beside {name}, {wrong} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
