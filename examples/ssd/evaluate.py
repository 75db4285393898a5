"""Detections from decoded heads, and their COCO mAP by pycocotools."""

import contextlib
import io

import numpy as np
import torch
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from ssd.anchors import overlap

LEAST_SCORE, NMS_OVERLAP, MOST_DETECTIONS = 0.01, 0.5, 100


def suppressed(boxes: torch.Tensor, scores: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Indices of the detections that are kept, best first.

    One goes when a better one that is kept, of the same class, overlaps it by more than
    NMS_OVERLAP.
    """
    order = scores.argsort(descending=True, stable=True)
    boxes, labels = boxes[order], labels[order]
    hides = (overlap(boxes, boxes) > NMS_OVERLAP) & (labels[:, None] == labels[None])
    kept = np.ones(len(order), dtype=bool)
    for i, row in enumerate(hides.cpu().numpy()):
        if kept[i]:
            kept[i + 1:] &= ~row[i + 1:]
    return order[torch.from_numpy(kept).to(order.device)]


def detections(scores: torch.Tensor, boxes: torch.Tensor):
    """(boxes [D, 4], scores [D], labels [D]) of one image, best first.

    `scores` [A, classes + 1] and `boxes` [A, 4] are what the decoded form answers for it. An anchor
    may be found for several classes; suppression is within a class.
    """
    anchor, label = torch.nonzero(scores[:, 1:] > LEAST_SCORE, as_tuple=True)
    label = label + 1
    found_scores = scores[anchor, label]
    keep = suppressed(boxes[anchor], found_scores, label)[:MOST_DETECTIONS]
    return boxes[anchor[keep]], found_scores[keep], label[keep]


def coco_rows(image: dict, categories: list[dict], found) -> np.ndarray:
    """Rows (image id, x, y, width, height, score, category id) in pixels of the image."""
    boxes, scores, labels = (each.cpu().double() for each in found)
    sides = torch.tensor([image["width"], image["height"]] * 2).double()
    boxes = boxes.clamp(0, 1) * sides
    boxes[:, 2:] -= boxes[:, :2]
    ids = torch.tensor([each["id"] for each in categories]).double()
    return torch.cat([torch.full((len(boxes), 1), float(image["id"])).double(), boxes,
                      scores[:, None], ids[labels.long() - 1][:, None]], dim=1).numpy()


def mean_average_precision(coco: dict, rows: np.ndarray) -> dict[str, float]:
    """COCO's mAP (0.5 to 0.95) and mAP@0.5, as fractions."""
    if len(rows) == 0:
        return {"mAP": 0.0, "mAP@0.5": 0.0}
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"info": {}} | coco
        truth.createIndex()
        judged = COCOeval(truth, truth.loadRes(rows), "bbox")
        judged.evaluate()
        judged.accumulate()
        judged.summarize()
    return {"mAP": float(judged.stats[0]), "mAP@0.5": float(judged.stats[1])}


@torch.inference_mode()
def evaluate(decoded, loader) -> dict[str, float]:
    """mAP of `decoded`, anything that answers (scores, boxes) for a batch of inputs."""
    data, rows = loader.dataset, []
    images = iter(data.coco["images"])
    for batch, _ in loader:
        for scores, boxes in zip(*decoded(batch)):
            found = detections(scores.float(), boxes.float())
            rows.append(coco_rows(next(images), data.categories, found))
    return mean_average_precision(data.coco, np.concatenate(rows))
