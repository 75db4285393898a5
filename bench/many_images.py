#!/usr/bin/env python3
"""Makes an ImageFolder of many images out of few: generated JPEGs, and hard links to them.

    bench/many_images.py FOLDER --images 60000 --side 512 --distinct 600 --classes 10
    bench/many_images.py FOLDER --images 1200000 --side 32 --distinct 100 --classes 1000

Needs Pillow and numpy. What a link costs to list and to read is what a file of its own costs,
except that its blocks are in memory after the first reading.
"""

import argparse
import os
import pathlib

import numpy
from PIL import Image


def texture(random, side):
    """Blobs and noise, which compress about as a photograph does."""
    coarse = random.integers(0, 256, (8, 8, 3), dtype=numpy.uint8)
    image = numpy.asarray(Image.fromarray(coarse).resize((side, side), Image.BICUBIC), dtype=float)
    return numpy.clip(image + random.normal(0, 8, image.shape), 0, 255).astype(numpy.uint8)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--distinct", type=int, default=600)
    parser.add_argument("--classes", type=int, default=10)
    options = parser.parse_args()
    random = numpy.random.default_rng(0)
    sources = options.folder.with_name(options.folder.name + "-sources")
    sources.mkdir(parents=True)
    originals = []
    for number in range(options.distinct):
        path = sources / f"{number:05}.jpg"
        Image.fromarray(texture(random, options.side)).save(path, quality=85)
        originals.append(path)
    for number in range(options.images):
        folder = options.folder / f"class{number % options.classes:04}"
        if number < options.classes:
            folder.mkdir(parents=True)
        # A file takes no more than some tens of thousands of links.
        os.link(originals[number % options.distinct], folder / f"{number:07}.jpg")


if __name__ == "__main__":
    main()
