"""Augmentation as in SSD (arXiv 1512.02325, section 3.6): colours, expansion, crops, flips.

A crop and an expansion are the same thing: a window over the image, inside it or larger, that is
then stretched to the input's size. Boxes are (left, top, right, bottom); those of an image in its
pixels, those of a window in fractions of its sides.
"""

import dataclasses

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

GRAY = (127, 127, 127)
LARGEST_EXPANSION = 2.0  # of a side; a larger one would make small objects vanish
SMALLEST_CROP = 0.4  # of a side
CROP_OVERLAPS = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9)  # the overlap of box and crop that is asked for
CROP_TRIALS = 15
LEAST_SIDE = 1 / 150  # a box that is narrower than two pixels of the input is dropped


@dataclasses.dataclass
class Window:
    """Left and top edge, width and height in pixels of the image; it may reach beyond the image."""

    left: int
    top: int
    width: int
    height: int

    def boxes(self, boxes: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(clipped boxes in fractions, labels) of those whose centre is inside."""
        origin, size = np.array([self.left, self.top]), np.array([self.width, self.height])
        scaled = (boxes.reshape(-1, 2, 2) - origin) / size
        centre = scaled.mean(axis=1)
        scaled = scaled.clip(0, 1)
        kept = ((centre > 0) & (centre < 1) & (scaled[:, 1] - scaled[:, 0] >= LEAST_SIDE)).all(1)
        return scaled[kept].reshape(-1, 4), labels[kept]

    def view(self, image: Image.Image, side: int) -> Image.Image:
        """What the window shows, stretched to `side` x `side`; gray beyond the image."""
        canvas = Image.new("RGB", (self.width, self.height), GRAY)
        canvas.paste(image, (-self.left, -self.top))
        return canvas.resize((side, side), Image.Resampling.BILINEAR)


def overlaps(boxes: np.ndarray, window: Window) -> np.ndarray:
    """Intersection over union of each box with the window."""
    low = np.array([window.left, window.top])
    high = low + [window.width, window.height]
    common = np.minimum(boxes[:, 2:], high) - np.maximum(boxes[:, :2], low)
    intersection = common.clip(0).prod(axis=1)
    area = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    return intersection / (area + window.width * window.height - intersection)


def expansion(random: np.random.Generator, width: int, height: int) -> Window:
    """A window larger than the image, which lies anywhere in it."""
    ratio = random.uniform(1, LARGEST_EXPANSION)
    wide, high = int(width * ratio), int(height * ratio)
    return Window(-int(random.integers(wide - width + 1)), -int(random.integers(high - height + 1)),
                  wide, high)


def crop(random: np.random.Generator, width: int, height: int, boxes: np.ndarray) -> Window:
    """A part of the image that overlaps some box enough, or all of it where none was found."""
    enough = random.choice(CROP_OVERLAPS)
    for _ in range(CROP_TRIALS):
        wide, high = (int(side * random.uniform(SMALLEST_CROP, 1)) for side in (width, height))
        window = Window(int(random.integers(width - wide + 1)),
                        int(random.integers(height - high + 1)), wide, high)
        if 0.5 <= wide / high <= 2 and (overlaps(boxes, window) >= max(enough, 1e-6)).any():
            return window
    return Window(0, 0, width, height)


def recoloured(random: np.random.Generator, image: Image.Image) -> Image.Image:
    """With another brightness, contrast, saturation and hue, each in half of the images."""
    for enhancer in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        if random.random() < 0.5:
            image = enhancer(image).enhance(random.uniform(0.6, 1.4))
    if random.random() < 0.5:
        hue, *others = image.convert("HSV").split()
        turn = int(random.integers(-12, 13))
        hue = hue.point([(value + turn) % 256 for value in range(256)])
        image = Image.merge("HSV", (hue, *others)).convert("RGB")
    return image


def augmented(random: np.random.Generator, image: Image.Image, boxes: np.ndarray,
              labels: np.ndarray, side: int):
    """(image of `side` x `side`, boxes in fractions, labels) after all of it."""
    choice = random.random()
    if choice < 0.3:
        window = expansion(random, *image.size)
    elif choice < 0.85:
        window = crop(random, *image.size, boxes)
    else:
        window = Window(0, 0, *image.size)
    boxes, labels = window.boxes(boxes, labels)
    image = recoloured(random, window.view(image, side))
    if random.random() < 0.5:
        image = ImageOps.mirror(image)
        boxes = np.stack([1 - boxes[:, 2], boxes[:, 1], 1 - boxes[:, 0], boxes[:, 3]], axis=1)
    return image, boxes, labels
