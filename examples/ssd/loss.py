"""The loss of SSD (arXiv 1512.02325, section 3.4): matching, hard negatives, smooth L1."""

import torch
from torch.nn import functional

from ssd.anchors import corners, encode, overlap

LEAST_OVERLAP = 0.5  # an anchor that overlaps a box by so much is to find it
NEGATIVES = 3  # hard negatives for each positive


def match(boxes: torch.Tensor, labels: torch.Tensor, anchors: torch.Tensor):
    """(label [A], box code [A, 4]) that each anchor should answer; label 0 is the background.

    An anchor is given the box that it overlaps most, if by at least LEAST_OVERLAP; and each box is
    given the anchor that overlaps it most, whatever the overlap.
    """
    if len(boxes) == 0:
        return labels.new_zeros(len(anchors)), torch.zeros_like(anchors)
    overlaps = overlap(boxes, corners(anchors))  # [B, A]
    best_of_anchor, box_of_anchor = overlaps.max(dim=0)
    best_anchor = overlaps.argmax(dim=1)
    box_of_anchor[best_anchor] = torch.arange(len(boxes), device=boxes.device)
    best_of_anchor[best_anchor] = 1.0
    wanted = torch.where(best_of_anchor >= LEAST_OVERLAP, labels[box_of_anchor], 0)
    return wanted, encode(boxes[box_of_anchor], anchors)


def hard_negatives(losses: torch.Tensor, positive: torch.Tensor) -> torch.Tensor:
    """Marks, [N, A]: in each image the NEGATIVES times as many negatives of the largest loss."""
    rank = losses.masked_fill(positive, -1.0).argsort(dim=1, descending=True).argsort(dim=1)
    return ~positive & (rank < NEGATIVES * positive.sum(dim=1, keepdim=True).clamp(min=1))


def detection_loss(logits: torch.Tensor, codes: torch.Tensor, targets, anchors: torch.Tensor):
    """(classification, localisation), each a sum divided by the number of positives."""
    matched = [match(boxes, labels, anchors) for boxes, labels in targets]
    wanted = torch.stack([labels for labels, _ in matched])
    wanted_codes = torch.stack([each for _, each in matched])
    positive = wanted > 0
    count = positive.sum().clamp(min=1)
    losses = functional.cross_entropy(logits.transpose(1, 2), wanted, reduction="none")
    counted = positive | hard_negatives(losses.detach(), positive)
    distance = functional.smooth_l1_loss(codes[positive], wanted_codes[positive], reduction="sum")
    return losses[counted].sum() / count, distance / count
