"""Detection sets in COCO form or in Pascal VOC's, from a folder or a zip file, in memory.

COCO form: SPLIT/annotations.json with SPLIT/images. Pascal VOC: .../ImageSets/Main/SPLIT.txt with
.../Annotations and .../JPEGImages, whose boxes are converted to COCO form when they are read.
"""

import io
import json
import pathlib
import xml.etree.ElementTree
import zipfile

import numpy as np
import torch
from PIL import Image
from torch.utils.data import Dataset

from ssd.augment import Window, augmented
from ssd.model import INPUT_SIDE, MEAN, STD


def open_set(path: str):
    """The root of a set: a folder, or what is inside a zip file."""
    place = pathlib.Path(path)
    return zipfile.Path(place) if place.suffix == ".zip" else place


def find_voc(root):
    """The folder that holds ImageSets: the root itself or a folder in it, else None."""
    for folder in [root, *(each for each in root.iterdir() if each.is_dir())]:
        if (folder / "ImageSets/Main").is_dir():
            return folder
    return None


def voc_annotation(entry) -> tuple[str, dict]:
    """(class name, COCO annotation without ids) of an <object>.

    Pascal VOC counts pixels from 1 and includes the last one, so that the left and the upper edge
    of the first pixel, 1, lie at 0, and the right and the lower one of the last pixel stay.
    """
    left, top, right, bottom = (float(entry.findtext(f"bndbox/{name}"))
                                for name in ("xmin", "ymin", "xmax", "ymax"))
    left, top = max(0.0, left - 1), max(0.0, top - 1)
    difficult = int(entry.findtext("difficult", "0"))
    return entry.findtext("name"), {"bbox": [left, top, right - left, bottom - top],
                                    "area": (right - left) * (bottom - top), "iscrowd": difficult}


def read_voc(folder, split: str) -> dict:
    """The split in COCO form. Its classes are those of all annotations, in alphabetical order."""
    parse = xml.etree.ElementTree.fromstring
    pages = {page.name[:-len(".xml")]: parse(page.read_text())
             for page in (folder / "Annotations").iterdir()}
    names = sorted({name.text for page in pages.values() for name in page.iterfind("object/name")})
    images, annotations = [], []
    for stem in (folder / f"ImageSets/Main/{split}.txt").read_text().split():
        size = pages[stem].find("size")
        images.append({"id": len(images) + 1, "file_name": f"{stem}.jpg",
                       "width": int(size.findtext("width")),
                       "height": int(size.findtext("height"))})
        for entry in pages[stem].iterfind("object"):
            name, annotation = voc_annotation(entry)
            annotations.append(annotation | {"id": len(annotations) + 1, "image_id": len(images),
                                             "category_id": names.index(name) + 1})
    categories = [{"id": i, "name": name} for i, name in enumerate(names, 1)]
    return {"images": images, "annotations": annotations, "categories": categories}


def read_split(path: str, split: str):
    """(set in COCO form, folder of its images); SystemExit says what is missing."""
    root = open_set(path)
    page = root / split / "annotations.json"
    if page.exists():
        return json.loads(page.read_text()), root / split / "images"
    voc = find_voc(root)
    if voc is None or not (voc / f"ImageSets/Main/{split}.txt").exists():
        raise SystemExit(f"{path} has no split '{split}': neither {split}/annotations.json nor "
                         f"ImageSets/Main/{split}.txt; name a split that it has")
    return read_voc(voc, split), voc / "JPEGImages"


class DetectionSet(Dataset):
    """Pairs of an input, float [3, 300, 300], and its boxes: (boxes [B, 4], labels [B]).

    Images are stretched to the input's size; where `augment` says so, each access is augmented
    anew, by torch's random numbers. Boxes are (left, top, right, bottom) in fractions of the sides.
    Labels are 1 and above, in the order of the category ids. `most` is the number of images to
    take, from the beginning. `coco` is the set in COCO form, which evaluation needs.
    """

    def __init__(self, path: str, split: str, augment: bool, most: int | None = None):
        self.coco, folder = read_split(path, split)
        self.augment = augment
        self.coco["images"] = self.coco["images"][:most]
        self.categories = sorted(self.coco["categories"], key=lambda each: each["id"])
        label_of = {each["id"]: i for i, each in enumerate(self.categories, 1)}
        rows = {image["id"]: [] for image in self.coco["images"]}
        self.coco["annotations"] = [each for each in self.coco["annotations"]
                                    if each["image_id"] in rows]
        for each in self.coco["annotations"]:
            if not each.get("iscrowd"):
                left, top, width, height = each["bbox"]
                rows[each["image_id"]].append(
                    (left, top, left + width, top + height, label_of[each["category_id"]]))
        self.rows = [np.array(each, dtype=np.float32).reshape(-1, 5) for each in rows.values()]
        self.encoded = [(folder / image["file_name"]).read_bytes()
                        for image in self.coco["images"]]

    def __len__(self) -> int:
        return len(self.encoded)

    def __getitem__(self, index: int):
        image = Image.open(io.BytesIO(self.encoded[index])).convert("RGB")
        boxes, labels = self.rows[index][:, :4], self.rows[index][:, 4]
        if self.augment:
            random = np.random.default_rng(int(torch.randint(2**62, ())))
            image, boxes, labels = augmented(random, image, boxes, labels, INPUT_SIDE)
        else:
            window = Window(0, 0, *image.size)
            image = window.view(image, INPUT_SIDE)
            boxes, labels = window.boxes(boxes, labels)
        pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1).float()
        target = torch.from_numpy(boxes).float(), torch.from_numpy(labels).long()
        return (pixels - MEAN) / STD, target


def collate(pairs):
    """Inputs [N, 3, 300, 300] and a list of N targets."""
    images, targets = zip(*pairs)
    return torch.stack(images), list(targets)
