#!/usr/bin/env python3
"""Reads the given sets of detection, COCO and Pascal VOC, and counts again what nacre counts.

detection_given_sets.py TOOL DATA: DATA holds fod-a.zip and bccd-voc.zip. Skipped without them.
"""

import collections
import json
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
import zipfile


def described(tool, *paths):
    run = subprocess.run([tool, *paths], capture_output=True, text=True, check=False)
    if run.returncode:
        raise SystemExit(f"{paths}: {run.stderr}")
    return json.loads(run.stdout)


def check(name, found, expected):
    """Images, and for each class the number of objects and the sum of their areas."""
    assert found["images"] == expected["images"], (name, found["images"], expected["images"])
    classes = {one["name"]: (one["objects"], one["area"]) for one in found["classes"]}
    assert classes.keys() == expected["classes"].keys(), (name, classes.keys())
    for label, (count, area) in expected["classes"].items():
        assert classes[label][0] == count, (name, label, classes[label], count)
        # Boxes that reach out are cut.
        assert 0.999 * area - 1 <= classes[label][1] <= area + 1e-6 * area, (name, label)
    print(f"{name}: {found['images']} images, {found['objects']} objects; {found['notes']}")


def coco_expected(file):
    content = json.loads(file.read_text())
    names = {one["id"]: one["name"] for one in content["categories"]}
    classes = {name: [0, 0.0] for name in names.values()}
    for one in content["annotations"]:
        of_class = classes[names[one["category_id"]]]
        of_class[0] += 1
        of_class[1] += one["bbox"][2] * one["bbox"][3]
    return {"images": len(content["images"]), "classes": classes}


def voc_expected(root, names):
    classes = collections.defaultdict(lambda: [0, 0.0])
    for name in names:
        for one in xml.etree.ElementTree.parse(root / f"Annotations/{name}.xml").iter("object"):
            left, top, right, bottom = (float(one.find(f"bndbox/{side}").text)
                                        for side in ("xmin", "ymin", "xmax", "ymax"))
            if right < left or bottom < top:
                continue  # empty
            of_class = classes[one.find("name").text]
            of_class[0] += 1
            of_class[1] += (right - left + 1) * (bottom - top + 1)
    return {"images": len(names), "classes": classes}


def main():
    tool, data = sys.argv[1], pathlib.Path(sys.argv[2])
    if not (data / "fod-a.zip").exists() or not (data / "bccd-voc.zip").exists():
        print(f"no sets in {data}")
        return 77
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        for name in ("fod-a", "bccd-voc"):
            zipfile.ZipFile(data / f"{name}.zip").extractall(folder / name)
        fod = folder / "fod-a"
        for split in ("train", "val", "test"):
            found = described(tool, fod / split, fod / "train")
            check(f"fod-a {split}", found, coco_expected(fod / split / "annotations.json"))
            assert bool(found["shared"]) == (split == "train"), found["shared"]
        by_file = described(tool, fod / "val" / "annotations.json")
        assert by_file["hash"] == described(tool, fod / "val")["hash"]
        bccd = folder / "bccd-voc" / "BCCD"
        for split in ("train", "val"):
            names = (bccd / f"ImageSets/Main/{split}.txt").read_text().split()
            found = described(tool, bccd / f"ImageSets/Main/{split}.txt")
            check(f"bccd {split}", found, voc_expected(bccd, names))
        everything = [file.stem for file in (bccd / "Annotations").glob("*.xml")]
        check("bccd", described(tool, bccd), voc_expected(bccd, everything))
        above = subprocess.run([tool, bccd.parent], capture_output=True, text=True, check=False)
        assert above.returncode == 4 and f"for example {bccd}" in above.stderr, above.stderr
    return 0


if __name__ == "__main__":
    sys.exit(main())
