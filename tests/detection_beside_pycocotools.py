#!/usr/bin/env python3
"""Holds nacre's scores of detections against pycocotools, and against VOC's rule in numpy.

detection_beside_pycocotools.py TOOL [IMAGES]: random and adversarial cases. With IMAGES, one case
of so many images with 100 detections each, and the seconds that both take.
"""

import contextlib
import io
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import time

import numpy as np

try:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
except ImportError:
    print("no pycocotools: scripts/setup.sh --checks installs it")
    sys.exit(77)

TOLERANCE = 1e-6
SIDE = 400


def random_box(draw, grid):
    """Left, top, width and height. On a coarse grid many IoUs are equal, and equal a threshold."""
    width, height = (2 ** draw.uniform(1, 8) for _ in range(2))
    left, top = draw.uniform(0, SIDE - width), draw.uniform(0, SIDE - height)
    if grid:
        width, height = (max(grid, round(side / grid) * grid) for side in (width, height))
        left, top = (round(side / grid) * grid for side in (left, top))
    return [left, top, width, height]


def near(draw, box, grid):
    """A box that may or may not match."""
    shift = draw.choice([0, 0, 0.05, 0.2, 0.5])
    moved = [side + draw.uniform(-shift, shift) * box[2 + i % 2] for i, side in enumerate(box)]
    moved[2:] = [max(1, side) for side in moved[2:]]
    return [round(side / grid) * grid or grid for side in moved] if grid else moved


def case(seed, images=12, classes=4, objects=8, found=14, grid=0, scores=0, crowds=0.1, misses=0.3):
    """Truth and results in COCO's forms. `scores`: so many different ones; 0: all differ."""
    draw = random.Random(seed)
    ids = draw.sample(range(1, 10 * images), images)
    labels = draw.sample(range(1, 10 * classes), classes)
    truth, results = [], []
    for image in ids:
        mine = []
        for _ in range(draw.randint(0, objects)):
            box = random_box(draw, grid)
            mine.append({"id": len(truth) + len(mine) + 1, "image_id": image, "bbox": box,
                         "category_id": draw.choice(labels), "iscrowd": int(draw.random() < crowds),
                         "area": box[2] * box[3] * draw.choice([1, 1, 0.5])})
        truth += mine
        for _ in range(draw.randint(0, found)):
            like = draw.choice(mine) if mine and draw.random() > misses else None
            score = draw.randint(1, scores) / scores if scores else draw.random()
            results.append({
                "image_id": image, "score": score,
                "category_id": like["category_id"] if like else draw.choice(labels),
                "bbox": near(draw, like["bbox"], grid) if like else random_box(draw, grid)})
    names = [{"id": i, "name": f"class{i}"} for i in labels]
    pictures = [{"id": i, "file_name": f"{i}.jpg", "width": SIDE, "height": SIDE} for i in ids]
    return {"images": pictures, "annotations": truth, "categories": names}, results


def cases():
    for seed in range(40):
        yield f"random {seed}", case(seed)
        yield f"ties in score {seed}", case(seed, scores=3)
        yield f"grid, ties in IoU {seed}", case(seed, grid=16, scores=2)
    for seed in range(5):
        yield f"crowds {seed}", case(seed, crowds=0.6, grid=8)
        yield f"only crowds {seed}", case(seed, crowds=1)
        yield f"more than 100 detections {seed}", case(seed, images=3, classes=1, found=600)
        yield f"100 ties {seed}", case(seed, images=3, classes=1, found=400, scores=1)
        yield f"one class, all wrong {seed}", case(seed, classes=1, misses=1)
    truth, results = case(7)
    yield "no detections", (truth, [])
    yield "no objects", ({**truth, "annotations": []}, results)


def pycocotools_scores(truth, results):
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = truth
        coco.createIndex()
        # pycocotools cannot load an empty list.
        found = coco.loadRes([dict(one) for one in results]) if results else COCO()
        evaluation = COCOeval(coco, found, "bbox")
        evaluation.params.imgIds = sorted(coco.getImgIds())
        evaluation.params.catIds = sorted(coco.getCatIds())
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    precision = evaluation.eval["precision"][:, :, :, 0, -1]  # [IoU, recall, class]
    by_class = [one[one > -1].mean() if (one > -1).any() else -1
                for one in np.moveaxis(precision, 2, 0)]
    return list(evaluation.stats[:6]), by_class


def iou(box, other):
    width, height = (min(box[i] + box[i + 2], other[i] + other[i + 2]) - max(box[i], other[i])
                     for i in range(2))
    shared = max(width, 0) * max(height, 0)
    return shared / (box[2] * box[3] + other[2] * other[3] - shared)


def voc_score(truth, results, label, points):
    """VOCevaldet.m of the development kit; a crowd is a difficult object. -1: nothing is asked."""
    images = sorted(image["id"] for image in truth["images"])
    objects = {image: [] for image in images}
    for one in truth["annotations"]:
        if one["category_id"] == label:
            objects[one["image_id"]].append(one)
    asked = sum(not one["iscrowd"] for mine in objects.values() for one in mine)
    if not asked:
        return -1
    rows = [one for image in images for one in results
            if one["category_id"] == label and one["image_id"] == image]
    rows.sort(key=lambda one: -one["score"])
    right, taken = [], set()
    for row in rows:
        mine = objects[row["image_id"]]
        overlaps = [iou(row["bbox"], one["bbox"]) for one in mine]
        best = int(np.argmax(overlaps)) if mine else -1
        hit = best >= 0 and overlaps[best] >= 0.5
        if hit and mine[best]["iscrowd"]:
            continue
        right.append(hit and mine[best]["id"] not in taken)
        if hit:
            taken.add(mine[best]["id"])
    right = np.cumsum(right) if right else np.zeros(0)
    recall, precision = right / asked, right / np.arange(1, len(right) + 1)
    if points:
        best = [precision[recall >= least].max(initial=0) for least in np.arange(0, 1.1, 0.1)]
        return sum(best) / 11
    recall = np.concatenate([[0], recall, [1]])
    precision = np.concatenate([[0], precision, [0]])
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(np.diff(recall) * precision[1:]))


def nacre_scores(tool, truth, results):
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, name) for name in ("truth.json", "results.json")]
        for file, content in zip(files, (truth, results), strict=True):
            file.write_text(json.dumps(content))
        run = subprocess.run([tool, *files], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def complaints(name, mine, theirs):
    mine = [-1 if score is None else score for score in mine]
    if len(mine) != len(theirs) or np.abs(np.subtract(mine, theirs)).max() > TOLERANCE:
        yield f"{name}: nacre has {mine}, expected {list(map(float, theirs))}"


def compare(tool, name, truth, results):
    mine = nacre_scores(tool, truth, results)
    scores, by_class = pycocotools_scores(truth, results)
    yield from complaints(f"{name}: COCO", mine["coco"], scores)
    yield from complaints(f"{name}: COCO by class", mine["by_class"], by_class)
    labels = sorted(one["id"] for one in truth["categories"])
    for key, points in (("voc2007", True), ("voc2010", False)):
        theirs = [voc_score(truth, results, label, points) for label in labels]
        yield from complaints(f"{name}: {key}", mine[key], theirs)


def compare_large(tool, images):
    truth, results = case(1, images=images, classes=80, objects=14, found=200)
    begin = time.monotonic()
    scores, _ = pycocotools_scores(truth, results)
    seconds = time.monotonic() - begin
    mine = nacre_scores(tool, truth, results)
    print(f"{images} images, {len(results)} detections: nacre {mine['seconds']:.1f} s, pycocotools "
          f"{seconds:.1f} s; mAP {mine['coco'][0]:.6f}")
    return list(complaints("large: COCO", mine["coco"], scores))


def main():
    tool = sys.argv[1]
    if len(sys.argv) > 2:
        wrong, count = compare_large(tool, int(sys.argv[2])), 1
    else:
        all_cases = list(cases())
        count = len(all_cases)
        wrong = [one for name, (truth, results) in all_cases
                 for one in compare(tool, name, truth, results)]
    for one in wrong:
        print(one)
    print(f"{count} cases, {len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
