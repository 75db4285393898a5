"""SSD-MobileNetV1 for inputs of 300 x 300.

The trunk is MobileNetV1 (arXiv 1704.04861), the extra layers and the heads are those of
TensorFlow's ssd_mobilenet_v1 configuration. Padding is one pixel on each side; with it the feature
maps have the sizes of TensorFlow's SAME padding, and the network is the same but for a shift of
the image by a few pixels.
"""

import torch
from torch import nn

from ssd import anchors as anchors_module

INPUT_SIDE = 300
MEAN, STD = 127.5, 127.5  # the input is (pixel - MEAN) / STD, RGB
# (output channels at width 1, stride) of the thirteen separable layers.
TRUNK = ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1), (512, 1), (512, 1),
         (512, 1), (512, 1), (1024, 2), (1024, 1))
FIRST_CHANNELS, FINEST_LAYER = 32, 11  # the first map is the answer of the 11th separable layer
EXTRA = ((256, 512), (128, 256), (128, 256), (64, 128))  # channels of 1x1, then of 3x3 with stride


def normalised(inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1):
    """A convolution, batch-norm and ReLU6."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.03), nn.ReLU6())


def separable(inputs: int, outputs: int, stride: int):
    """A depthwise and a pointwise convolution, each normalised."""
    return nn.Sequential(normalised(inputs, inputs, 3, stride, groups=inputs),
                         normalised(inputs, outputs, 1))


class SsdMobileNetV1(nn.Module):
    """Answers raw heads: class logits [N, 1917, classes + 1] and box codes [N, 1917, 4].

    Class 0 is the background; the classes of the data are 1 and above. `width` multiplies every
    number of channels (but the heads'), rounded to a multiple of 8.
    """

    def __init__(self, classes: int, width: float = 1.0):
        super().__init__()
        self.classes, self.width = classes, width

        def wide(channels: int) -> int:
            return max(8, round(channels * width / 8) * 8)

        channels = [wide(FIRST_CHANNELS)] + [wide(outputs) for outputs, _ in TRUNK]
        layers = [separable(channels[i], channels[i + 1], stride)
                  for i, (_, stride) in enumerate(TRUNK)]
        self.trunk = nn.Sequential(normalised(3, channels[0], 3, 2), *layers[:FINEST_LAYER])
        self.coarse = nn.Sequential(*layers[FINEST_LAYER:])
        self.extra = nn.ModuleList()
        map_channels = [channels[FINEST_LAYER], channels[-1]]
        for narrow, outputs in EXTRA:
            self.extra.append(nn.Sequential(normalised(map_channels[-1], wide(narrow), 1),
                                            normalised(wide(narrow), wide(outputs), 3, 2)))
            map_channels.append(wide(outputs))
        per_cell = list(zip(map_channels, anchors_module.ANCHORS_OF_A_CELL))
        self.class_heads = nn.ModuleList(
            nn.Conv2d(inputs, count * (classes + 1), 1) for inputs, count in per_cell)
        self.box_heads = nn.ModuleList(nn.Conv2d(inputs, count * 4, 1)
                                       for inputs, count in per_cell)
        self._initialise()

    def _initialise(self):
        """TensorFlow's: normal weights of deviation 0.03, and He's for the trunk from scratch."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out")
        for head in [*self.class_heads, *self.box_heads]:
            nn.init.normal_(head.weight, std=0.03)
            nn.init.zeros_(head.bias)

    def trunk_convolutions(self) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
        """The 27 convolutions of MobileNetV1 in order, each with its batch-norm."""
        blocks = [module for part in (self.trunk, self.coarse) for module in part.modules()
                  if isinstance(module, nn.Sequential) and isinstance(module[0], nn.Conv2d)]
        return [(block[0], block[1]) for block in blocks]

    def feature_maps(self, image: torch.Tensor) -> list[torch.Tensor]:
        maps = [self.trunk(image)]
        for layer in [self.coarse, *self.extra]:
            maps.append(layer(maps[-1]))
        return maps

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits, codes = [], []
        for index, features in enumerate(self.feature_maps(image)):
            count = anchors_module.GRIDS[index]**2 * anchors_module.ANCHORS_OF_A_CELL[index]
            for heads, answers, columns in ((self.class_heads, logits, self.classes + 1),
                                            (self.box_heads, codes, 4)):
                answer = heads[index](features).permute(0, 2, 3, 1)
                answers.append(answer.reshape(-1, count, columns))
        return torch.cat(logits, dim=1), torch.cat(codes, dim=1)


class Decoded(nn.Module):
    """The detector with its heads decoded: scores [N, 1917, classes + 1], boxes [N, 1917, 4].

    Scores are the softmax of the logits; column 0 is the background. Boxes are (left, top, right,
    bottom) as fractions of the image, not clipped.
    """

    def __init__(self, detector: SsdMobileNetV1):
        super().__init__()
        self.detector = detector
        self.register_buffer("anchors", anchors_module.make_anchors(), persistent=False)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        logits, codes = self.detector(image)
        return logits.softmax(dim=-1), anchors_module.decode(codes, self.anchors)
