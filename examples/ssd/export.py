"""The detector as ONNX (opset 17) in three forms, and its anchors beside them."""

import json
import pathlib
import string

import onnx
import torch
from onnx import compose, parser

from ssd import anchors, evaluate
from ssd.model import INPUT_SIDE, MEAN, STD, Decoded

OPSET, IR_VERSION = 17, 8
# What follows the decoded form, for one image: suppression within each class, then the best of all.
# A row of `found` is (0, class - 1, anchor).
SUPPRESSION = string.Template("""
<ir_version: $ir_version, opset_import: ["" : $opset]>
suppression (float[1, A, K] all_scores, float[1, A, 4] all_boxes)
  => (float[D, 4] boxes, float[D] scores, int64[D] classes)
  <int64[1] one = {1}, int64[1] two = {2}, int64[1] end = {9223372036854775807},
   int64[1] most = {$most}, float[1] overlap = {$overlap}, float[1] least = {$least},
   int64 class_column = {1}, int64[2] box_columns = {0, 2}, int64 background = {1}>
{
  scores_of_classes = Slice (all_scores, one, end, two)
  by_class = Transpose <perm = [0, 2, 1]> (scores_of_classes)
  found = NonMaxSuppression (all_boxes, by_class, most, overlap, least)
  found_scores = GatherND (by_class, found)
  count = Shape (found_scores)
  kept_count = Min (count, most)
  scores, order = TopK (found_scores, kept_count)
  kept = Gather <axis = 0> (found, order)
  kept_boxes = Gather <axis = 1> (kept, box_columns)
  boxes = GatherND (all_boxes, kept_boxes)
  kept_classes = Gather <axis = 1> (kept, class_column)
  classes = Add (kept_classes, background)
}
""")


def export_form(network, path: pathlib.Path, outputs: list[str], batch: str | None = "N"):
    """Writes `network`; `batch` names a dynamic batch, and None fixes it to one image."""
    axes = {name: {0: batch} for name in ["image", *outputs]} if batch else None
    image = torch.zeros(1, 3, INPUT_SIDE, INPUT_SIDE)
    torch.onnx.export(network.eval(), image, str(path), opset_version=OPSET, dynamo=False,
                      input_names=["image"], output_names=outputs, dynamic_axes=axes)


def suppression() -> onnx.ModelProto:
    """A model of SUPPRESSION alone."""
    return parser.parse_model(SUPPRESSION.substitute(
        ir_version=IR_VERSION, opset=OPSET, most=evaluate.MOST_DETECTIONS,
        overlap=evaluate.NMS_OVERLAP, least=evaluate.LEAST_SCORE))


def with_suppression(decoded: onnx.ModelProto) -> onnx.ModelProto:
    """The decoded form with its outputs `decoded_scores` and `decoded_boxes` suppressed."""
    decoded.ir_version = IR_VERSION
    merged = compose.merge_models(decoded, suppression(), io_map=[
        ("decoded_scores", "all_scores"), ("decoded_boxes", "all_boxes")])
    onnx.checker.check_model(merged, full_check=True)
    return merged


def description(categories: list[dict]) -> dict:
    """What a reader of the raw heads needs, for anchors.json."""
    return {
        "input": {"name": "image", "shape": ["N", 3, INPUT_SIDE, INPUT_SIDE], "colour": "RGB",
                  "mean": MEAN, "std": STD, "fit": "stretch"},
        "classes": ["background", *(each["name"] for each in categories)],
        "category_ids": [0, *(each["id"] for each in categories)],
        "box_code": {"anchor": ["centre x", "centre y", "width", "height"],
                     "box": ["left", "top", "right", "bottom"], "unit": "fraction of the side",
                     "centre_scale": anchors.CENTRE_SCALE, "size_scale": anchors.SIZE_SCALE},
        "suppression": {"least_score": evaluate.LEAST_SCORE, "overlap": evaluate.NMS_OVERLAP,
                        "most_detections": evaluate.MOST_DETECTIONS},
        "anchors": [[round(value, 7) for value in row] for row in anchors.make_anchors().tolist()],
    }


def export_all(detector, categories: list[dict], folder: pathlib.Path):
    """Writes raw.onnx, decoded.onnx, nms.onnx and anchors.json into `folder`.

    raw:     image -> logits [N, A, classes + 1], codes [N, A, 4]
    decoded: image -> scores [N, A, classes + 1], boxes [N, A, 4]
    nms:     one image -> boxes [D, 4], scores [D], classes [D], best first; D is at most 100
    """
    folder.mkdir(parents=True, exist_ok=True)
    detector = detector.cpu().to(memory_format=torch.contiguous_format)
    decoded = Decoded(detector)
    export_form(detector, folder / "raw.onnx", ["logits", "codes"])
    export_form(decoded, folder / "decoded.onnx", ["scores", "boxes"])
    export_form(decoded, folder / "nms.onnx", ["decoded_scores", "decoded_boxes"], batch=None)
    onnx.save(with_suppression(onnx.load(folder / "nms.onnx")), folder / "nms.onnx")
    (folder / "anchors.json").write_text(json.dumps(description(categories)) + "\n")
