"""Anchors of SSD-MobileNetV1 and the coding of boxes against them.

A box is (left, top, right, bottom) and an anchor (centre x, centre y, width, height), all as
fractions of the input's sides. The anchors are those of TensorFlow's ssd_mobilenet_v1
configuration: `create_ssd_anchors` with six layers, scales 0.2 to 0.95, aspect ratios 1, 2, 1/2,
3, 1/3, one more square between two scales, and three anchors instead of six on the finest map.
"""

import math

import torch

GRIDS = (19, 10, 5, 3, 2, 1)  # cells on a side of each feature map for an input of 300 x 300
SMALLEST, LARGEST, ASPECT_RATIOS = 0.2, 0.95, (1.0, 2.0, 1 / 2, 3.0, 1 / 3)
# What a head answers is divided by these: offsets of the centre, and logarithms of the size.
CENTRE_SCALE, SIZE_SCALE = 10.0, 5.0


def shapes_of_map(index: int) -> list[tuple[float, float]]:
    """(width, height) of each anchor of a cell of feature map `index`."""
    step = (LARGEST - SMALLEST) / (len(GRIDS) - 1)
    scale = SMALLEST + step * index
    following = scale + step if index + 1 < len(GRIDS) else 1.0
    if index == 0:
        pairs = [(0.1, 1.0), (scale, 2.0), (scale, 1 / 2)]
    else:
        pairs = [(scale, ratio) for ratio in ASPECT_RATIOS]
        pairs.append((math.sqrt(scale * following), 1.0))
    return [(size * math.sqrt(ratio), size / math.sqrt(ratio)) for size, ratio in pairs]


ANCHORS_OF_A_CELL = tuple(len(shapes_of_map(index)) for index in range(len(GRIDS)))


def make_anchors() -> torch.Tensor:
    """All anchors, [1917, 4], in the order of the heads: map, row, column, shape."""
    anchors = []
    for index, cells in enumerate(GRIDS):
        centres = [(cell + 0.5) / cells for cell in range(cells)]
        anchors += [(x, y, width, height) for y in centres for x in centres
                    for width, height in shapes_of_map(index)]
    return torch.tensor(anchors)


def corners(anchors: torch.Tensor) -> torch.Tensor:
    """The anchors as boxes, of the same shape."""
    centre, size = anchors[..., :2], anchors[..., 2:]
    return torch.cat([centre - size / 2, centre + size / 2], dim=-1)


def encode(boxes: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """What a head should answer for each pair of a box and an anchor, [..., 4]."""
    centre, size = (boxes[..., :2] + boxes[..., 2:]) / 2, boxes[..., 2:] - boxes[..., :2]
    offset = (centre - anchors[..., :2]) / anchors[..., 2:]
    growth = torch.log(size / anchors[..., 2:])
    return torch.cat([offset * CENTRE_SCALE, growth * SIZE_SCALE], dim=-1)


def decode(codes: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """The boxes that the heads' answers mean: the inverse of `encode`."""
    centre = codes[..., :2] / CENTRE_SCALE * anchors[..., 2:] + anchors[..., :2]
    half = torch.exp(codes[..., 2:] / SIZE_SCALE) * anchors[..., 2:] / 2
    return torch.cat([centre - half, centre + half], dim=-1)


def overlap(boxes: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Intersection over union of each box, [B, 4], with each of the others, [C, 4]: [B, C]."""
    low = torch.maximum(boxes[:, None, :2], others[None, :, :2])
    high = torch.minimum(boxes[:, None, 2:], others[None, :, 2:])
    intersection = (high - low).clamp(min=0).prod(dim=-1)
    area, other_area = ((each[:, 2:] - each[:, :2]).prod(dim=-1) for each in (boxes, others))
    return intersection / (area[:, None] + other_area[None] - intersection)
