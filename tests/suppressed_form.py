#!/usr/bin/env python3
"""Puts suppression behind a detector with decoded boxes: suppressed_form.py IN OUT.

IN has outputs `scores` [N, boxes, classes + 1] and `boxes` [N, boxes, 4], centres and sizes. OUT
answers one image with chosen boxes, their scores and their classes, as many detectors do.
"""

import sys

import onnx
from onnx import compose, parser

SUPPRESSION = """
<ir_version: 8, opset_import: ["" : 17]>
suppression (float[1, A, K] all_scores, float[1, A, 4] all_boxes)
  => (float[D, 4] chosen_boxes, float[D] chosen_scores, int64[D] chosen_classes)
  <int64[1] one = {1}, int64[1] two = {2}, int64[1] end = {9223372036854775807},
   int64[1] most = {100}, float[1] overlap = {0.5}, float[1] least = {0.01},
   int64 class_column = {1}, int64[2] box_columns = {0, 2}, int64 background = {1}>
{
  scores_of_classes = Slice (all_scores, one, end, two)
  by_class = Transpose <perm = [0, 2, 1]> (scores_of_classes)
  found = NonMaxSuppression <center_point_box = 1> (all_boxes, by_class, most, overlap, least)
  chosen_scores = GatherND (by_class, found)
  places = Gather <axis = 1> (found, box_columns)
  chosen_boxes = GatherND (all_boxes, places)
  class_indices = Gather <axis = 1> (found, class_column)
  chosen_classes = Add (class_indices, background)
}
"""


def main(source: str, target: str):
    decoded = onnx.load(source)
    decoded.ir_version = 8
    for value in [*decoded.graph.input, *decoded.graph.output]:
        value.type.tensor_type.shape.dim[0].dim_value = 1
    merged = compose.merge_models(decoded, parser.parse_model(SUPPRESSION), io_map=[
        ("scores", "all_scores"), ("boxes", "all_boxes")])
    onnx.checker.check_model(merged, full_check=True)
    onnx.save(merged, target)


if __name__ == "__main__":
    main(*sys.argv[1:])
