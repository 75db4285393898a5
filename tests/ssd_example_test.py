#!/usr/bin/env python3
"""examples/train_ssd.py: its parts against hand-made values and ONNX's reference, and a tiny run
from a set to three files. ONNX Runtime or OpenVINO executes them, suppression included.

Needs Pillow and pycocotools, which scripts/setup.sh --checks installs; skipped without them.
"""

import importlib.util
import io
import json
import pathlib
import sys
import tempfile
import unittest
import unittest.mock
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "examples"))
if not all(importlib.util.find_spec(name) for name in ("PIL", "pycocotools")):
    print("skipped: no Pillow or no pycocotools")
    sys.exit(77)

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper, reference
from PIL import Image
from torch import nn

import train_ssd
from ssd import anchors, augment, data, evaluate, export, loss, pretrained
from ssd.model import Decoded, SsdMobileNetV1

SIDE = 120  # of the images of the sets that are made here
torch.set_num_threads(1)


def run(path: pathlib.Path, inputs: dict[str, torch.Tensor]) -> list[np.ndarray]:
    """The outputs of a model, by ONNX Runtime where it is installed, else by OpenVINO."""
    arrays = {name: each.numpy() for name, each in inputs.items()}
    if importlib.util.find_spec("onnxruntime"):
        import onnxruntime
        return onnxruntime.InferenceSession(path).run(None, arrays)
    import openvino
    compiled = openvino.Core().compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    answer = compiled(arrays)
    return [np.array(answer[port]) for port in compiled.outputs]


def scene(index: int) -> tuple[bytes, list[int], int]:
    """(JPEG, [left, top, width, height], class) of a gray image with a red or a blue square."""
    generator = np.random.default_rng(index)
    left, top = (int(each) for each in generator.integers(5, 60, 2))
    side, colour = int(generator.integers(30, 55)), index % 2
    image = Image.new("RGB", (SIDE, SIDE), (120, 120, 120))
    image.paste([(220, 30, 30), (30, 30, 220)][colour], (left, top, left + side, top + side))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=95)
    return file.getvalue(), [left, top, side, side], colour


def make_coco(path: pathlib.Path, count: int):
    """A zip file in COCO form; the category ids are 7 and 3, so that order and ids differ."""
    with zipfile.ZipFile(path, "w") as archive:
        for split in ("train", "val"):
            page = {"images": [], "annotations": [],
                    "categories": [{"id": 7, "name": "blue"}, {"id": 3, "name": "red"}]}
            for i in range(count):
                jpeg, box, colour = scene(i)
                archive.writestr(f"{split}/images/{i}.jpg", jpeg)
                page["images"].append({"id": 50 + i, "file_name": f"{i}.jpg", "width": SIDE,
                                       "height": SIDE})
                page["annotations"].append({
                    "id": i + 1, "image_id": 50 + i, "category_id": [3, 7][colour], "bbox": box,
                    "area": box[2] * box[3], "iscrowd": 0})
            archive.writestr(f"{split}/annotations.json", json.dumps(page))


def make_voc(root: pathlib.Path):
    """A folder in Pascal VOC form: one image with a cell and a difficult one."""
    for folder in ("ImageSets/Main", "Annotations", "JPEGImages"):
        (root / "SET" / folder).mkdir(parents=True)
    jpeg, _, _ = scene(0)
    (root / "SET/JPEGImages/a.jpg").write_bytes(jpeg)
    (root / "SET/ImageSets/Main/train.txt").write_text("a\n")
    entry = ("<object><name>{}</name><difficult>{}</difficult><bndbox><xmin>{}</xmin>"
             "<ymin>{}</ymin><xmax>{}</xmax><ymax>{}</ymax></bndbox></object>")
    (root / "SET/Annotations/a.xml").write_text(
        f"<annotation><size><width>{SIDE}</width><height>{SIDE}</height></size>"
        + entry.format("red", 0, 13, 25, 36, 60) + entry.format("blue", 1, 1, 1, 12, 12)
        + "</annotation>")


def confident(detector: SsdMobileNetV1) -> SsdMobileNetV1:
    """With heads so large that an untrained detector finds many things in many places."""
    torch.manual_seed(3)
    for head in detector.class_heads:
        nn.init.normal_(head.weight, std=3.0)
    for head in detector.box_heads:
        nn.init.normal_(head.weight, std=1.0)
    return detector.eval()


class Anchors(unittest.TestCase):
    def test_are_those_of_tensorflow(self):
        made = anchors.make_anchors()
        self.assertEqual(made.shape, (1917, 4))
        first = 0.5 / 19
        expected = [[first, first, 0.1, 0.1], [first, first, 0.2 * 2**0.5, 0.2 / 2**0.5],
                    [first, first, 0.2 / 2**0.5, 0.2 * 2**0.5], [3 * first, first, 0.1, 0.1]]
        torch.testing.assert_close(made[:4], torch.tensor(expected))
        # The last cell: scale 0.95, its five ratios, and the square between 0.95 and 1.
        torch.testing.assert_close(made[-1], torch.tensor([0.5, 0.5, 0.95**0.5, 0.95**0.5]))
        torch.testing.assert_close(made[-3, 2:], torch.tensor([0.95 * 3**0.5, 0.95 / 3**0.5]))

    def test_coding_is_undone(self):
        made = anchors.make_anchors()
        boxes = torch.rand(1917, 2).repeat(1, 2) + torch.tensor([0, 0, 0.2, 0.1])
        torch.testing.assert_close(anchors.decode(anchors.encode(boxes, made), made), boxes)
        torch.testing.assert_close(anchors.decode(torch.zeros(1917, 4), made),
                                   anchors.corners(made))


class Loss(unittest.TestCase):
    def test_every_box_has_an_anchor(self):
        made = anchors.make_anchors()
        # The first is smaller than any anchor; the second is an anchor.
        boxes = torch.stack([torch.tensor([0.5, 0.5, 0.52, 0.52]), anchors.corners(made)[1500]])
        wanted, codes = loss.match(boxes, torch.tensor([4, 9]), made)
        self.assertEqual((wanted == 4).sum(), 1)
        self.assertEqual(wanted[1500], 9)
        torch.testing.assert_close(codes[1500], torch.zeros(4), atol=1e-5, rtol=0)
        overlap = anchors.overlap(boxes[1:], anchors.corners(made))[0]
        self.assertTrue((wanted[overlap >= 0.5] == 9).all())
        torch.testing.assert_close(anchors.decode(codes, made)[wanted == 9],
                                   boxes[1:].expand((wanted == 9).sum(), 4))

    def test_no_box_is_all_background(self):
        wanted, _ = loss.match(torch.zeros(0, 4), torch.zeros(0, dtype=torch.long),
                               anchors.make_anchors())
        self.assertEqual(wanted.sum(), 0)

    def test_hard_negatives_are_the_largest(self):
        losses = torch.tensor([[5.0, 1.0, 4.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
        positive = torch.tensor([[True, False, False, False, False], [False] * 5])
        self.assertEqual(loss.hard_negatives(losses, positive).tolist(),
                         [[False, False, True, True, True], [False, False, True, True, True]])

    def test_of_a_detector_without_opinion(self):
        made, classes = anchors.make_anchors(), 3
        target = (anchors.corners(made)[1500:1501], torch.tensor([2]))
        wanted, codes = loss.match(*target, made)
        of_class, of_box = loss.detection_loss(torch.zeros(1, 1917, classes + 1), codes[None] + 0.5,
                                               [target], made)
        # Each positive brings three negatives; 0.5 is in the square part of smooth L1.
        self.assertAlmostEqual(of_class.item(), 4 * np.log(classes + 1), places=4)
        self.assertAlmostEqual(of_box.item(), 4 * 0.5**2 / 2, places=4)
        confident_of_it = torch.nn.functional.one_hot(wanted, classes + 1)[None] * 30.0
        of_class, _ = loss.detection_loss(confident_of_it, codes[None], [target], made)
        self.assertLess(of_class.item(), 1e-6)


class Data(unittest.TestCase):
    def test_pascal_voc(self):
        with tempfile.TemporaryDirectory() as folder:
            make_voc(pathlib.Path(folder))
            read = data.DetectionSet(folder, "train", False)
            self.assertEqual([each["name"] for each in read.categories], ["blue", "red"])
            self.assertEqual([each["iscrowd"] for each in read.coco["annotations"]], [0, 1])
            image, (boxes, labels) = read[0]
            self.assertEqual(image.shape, (3, 300, 300))
            self.assertLessEqual(image.abs().max(), 1.0)
            self.assertEqual(labels.tolist(), [2])
            torch.testing.assert_close(boxes, torch.tensor([[0.1, 0.2, 0.3, 0.5]]))
            with self.assertRaisesRegex(SystemExit, "has no split 'val'"):
                data.DetectionSet(folder, "val", False)

    def test_augmented_boxes_stay_on_their_squares(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "set.zip")
            make_coco(path, 2)
            read, found = data.DetectionSet(str(path), "train", True), 0
            torch.manual_seed(0)
            for _ in range(40):
                image, (boxes, labels) = read[1]  # the blue one: nothing else is so
                self.assertTrue((labels == 2).all())
                for left, top, right, bottom in (boxes * 300).round().int().tolist():
                    inner = image[:, top + 6:bottom - 6, left + 6:right - 6].mean(dim=(1, 2))
                    self.assertGreater(inner[2] - inner[0], 0.5)
                    outer = image[:, :, max(0, left - 8):max(0, left - 5)]
                    self.assertTrue(outer.numel() == 0 or outer[2].mean() - outer[0].mean() < 0.3)
                    found += 1
            self.assertGreater(found, 25)

    def test_a_crop_clips_and_drops_boxes(self):
        window = augment.Window(10, 20, 100, 50)
        boxes = np.array([[20, 30, 60, 45], [0, 0, 130, 100], [0, 0, 12, 30]], dtype=np.float32)
        kept, labels = window.boxes(boxes, np.array([1, 2, 3]))
        np.testing.assert_allclose(kept, [[0.1, 0.2, 0.5, 0.5], [0, 0, 1, 1]])
        self.assertEqual(labels.tolist(), [1, 2])
        np.testing.assert_allclose(augment.overlaps(boxes, window),
                                   [600 / 5000, 5000 / 13000, 20 / (360 + 5000 - 20)])


class Precision(unittest.TestCase):
    def test_of_the_truth_is_one(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "set.zip")
            make_coco(path, 4)
            read = data.DetectionSet(str(path), "val", False)
            rows = [evaluate.coco_rows(image, read.categories, (boxes, torch.ones(1), labels))
                    for image, (_, (boxes, labels)) in zip(read.coco["images"], read)]
            self.assertAlmostEqual(
                evaluate.mean_average_precision(read.coco, np.concatenate(rows))["mAP"], 1.0)
            wrong = np.concatenate(rows)
            wrong[:2, 6] = 3 + 7 - wrong[:2, 6]  # one of each two objects of a class is missed
            self.assertLess(evaluate.mean_average_precision(read.coco, wrong)["mAP"], 0.6)

    def test_of_nothing_is_zero(self):
        self.assertEqual(evaluate.mean_average_precision({}, np.zeros((0, 7)))["mAP"], 0.0)


class Pretrained(unittest.TestCase):
    def test_the_trunk_answers_what_the_file_does(self):
        torch.manual_seed(0)
        source, detector = (SsdMobileNetV1(2, 0.125).eval() for _ in range(2))
        for module in source.modules():
            if isinstance(module, nn.BatchNorm2d):
                nn.init.uniform_(module.weight, 0.5, 1.5)
                nn.init.uniform_(module.bias, -0.5, 0.5)
        images = torch.rand(4, 3, 300, 300) * 2 - 1
        with tempfile.TemporaryDirectory() as folder, torch.no_grad():
            path = pathlib.Path(folder, "trunk.onnx")
            export.export_form(nn.Sequential(source.trunk, source.coarse), path, ["map"])
            pretrained.begin_from(str(path), detector, images)
            expected = source.coarse(source.trunk(images))
            torch.testing.assert_close(detector.coarse(detector.trunk(images)), expected,
                                       atol=1e-3, rtol=1e-3)
            detector.train()  # by the statistics of the batch, which are the same
            torch.testing.assert_close(detector.coarse(detector.trunk(images)), expected,
                                       atol=1e-2, rtol=1e-2)
            with self.assertRaisesRegex(SystemExit, "give the --width of the file"):
                pretrained.begin_from(str(path), SsdMobileNetV1(2, 0.5), images)

    def test_quantized_weights_are_as_onnx_says(self):
        generator = np.random.default_rng(0)
        values = generator.integers(0, 255, (4, 3, 3, 3), dtype=np.uint8)
        for scale, zero, axis in (
                (np.float32(0.02), np.uint8(120), 1),
                (generator.random(4, dtype=np.float32), np.arange(4, dtype=np.uint8), 0)):
            node = helper.make_node("DequantizeLinear", ["w", "s", "z"], ["y"], axis=axis)
            initializers = [numpy_helper.from_array(np.asarray(array), name)
                            for array, name in ((values, "w"), (scale, "s"), (zero, "z"))]
            answer = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, values.shape)
            graph = helper.make_graph([node], "g", [], [answer], initializers)
            model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)])
            expected = reference.ReferenceEvaluator(model).run(None, {})[0]
            np.testing.assert_allclose(
                pretrained.dequantized(values, np.asarray(scale), np.asarray(zero), axis),
                expected, rtol=1e-6)


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.detector = confident(SsdMobileNetV1(3, 0.125))
        categories = [{"id": i, "name": f"class {i}"} for i in (5, 6, 9)]
        torch.manual_seed(1)
        cls.images = torch.rand(2, 3, 300, 300) * 2 - 1
        with torch.no_grad():
            cls.raw = cls.detector(cls.images)
            cls.decoded = Decoded(cls.detector).eval()(cls.images)
        export.export_all(cls.detector, categories, cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def assert_close(self, actual, expected):
        for one, other in zip(actual, expected, strict=True):
            np.testing.assert_allclose(one, other.numpy(), atol=1e-4, rtol=1e-4)

    def test_raw_and_decoded_answer_as_torch(self):
        self.assertEqual([each.shape for each in self.raw], [(2, 1917, 4), (2, 1917, 4)])
        self.assert_close(run(self.folder / "raw.onnx", {"image": self.images}), self.raw)
        self.assert_close(run(self.folder / "decoded.onnx", {"image": self.images}), self.decoded)

    def test_suppression_is_that_of_the_runtime(self):
        path = self.folder / "suppression.onnx"
        onnx.save(export.suppression(), path)
        torch.manual_seed(2)
        for anchor_count in (30, 400):  # fewer detections than the most, and more
            scores = (torch.randn(1, anchor_count, 4) * 3).softmax(dim=-1)
            corner = torch.rand(1, anchor_count, 2)
            boxes = torch.cat([corner, corner + torch.rand(1, anchor_count, 2)], dim=-1)
            expected = evaluate.detections(scores[0], boxes[0])
            self.assertLess(len(expected[0]), (scores[..., 1:] > evaluate.LEAST_SCORE).sum())
            self.assertEqual(len(expected[0]) == evaluate.MOST_DETECTIONS, anchor_count == 400)
            self.assert_close(run(path, {"all_scores": scores, "all_boxes": boxes}), expected)

    def test_the_last_form_finds_what_the_decoded_form_holds(self):
        boxes, scores, classes = run(self.folder / "nms.onnx", {"image": self.images[:1]})
        expected = evaluate.detections(*(each[0] for each in self.decoded))
        np.testing.assert_allclose(scores, expected[1].numpy(), atol=1e-4)
        # Equal scores may come in another order, so each row is looked up.
        for box, score, label in zip(boxes, scores, classes):
            far = np.abs(self.decoded[1][0].numpy() - box).max(axis=1)
            far = np.maximum(far, np.abs(self.decoded[0][0, :, label].numpy() - score))
            self.assertLess(far.min(), 1e-4)

    def test_nothing_found_is_no_row(self):
        quiet = confident(SsdMobileNetV1(3, 0.125))
        for head in quiet.class_heads:
            nn.init.zeros_(head.weight)
            nn.init.constant_(head.bias, 0.0)
            head.bias.data[::4] = 20.0
        export.export_all(quiet, [{"id": i, "name": "x"} for i in (1, 2, 3)], self.folder / "quiet")
        boxes, scores, classes = run(self.folder / "quiet/nms.onnx", {"image": self.images[:1]})
        self.assertEqual([boxes.shape, scores.shape, classes.shape], [(0, 4), (0,), (0,)])

    def test_the_description_decodes_the_raw_heads(self):
        page = json.loads((self.folder / "anchors.json").read_text())
        self.assertEqual(page["category_ids"], [0, 5, 6, 9])
        made, code = np.array(page["anchors"]), page["box_code"]
        codes = run(self.folder / "raw.onnx", {"image": self.images})[1]
        centre = codes[..., :2] / code["centre_scale"] * made[:, 2:] + made[:, :2]
        half = np.exp(codes[..., 2:] / code["size_scale"]) * made[:, 2:] / 2
        np.testing.assert_allclose(np.concatenate([centre - half, centre + half], -1),
                                   self.decoded[1].numpy(), atol=1e-4, rtol=1e-4)


class Training(unittest.TestCase):
    def test_a_tiny_run_learns_goes_on_and_exports(self):
        with tempfile.TemporaryDirectory() as folder:
            make_coco(pathlib.Path(folder, "set.zip"), 8)
            arguments = [f"{folder}/set.zip", f"{folder}/out", "--width", "0.125", "--batch", "4",
                         "--every", "2", "--rate", "0.01", "--epochs"]
            with unittest.mock.patch("sys.stdout", io.StringIO()) as printed:
                train_ssd.main([*arguments, "1"])
                train_ssd.main([*arguments, "4"])
            lines = printed.getvalue()
            self.assertIn("going on after epoch 1 of 4", lines)
            losses = [float(line.split("classes ")[1].split(",")[0])
                      for line in lines.splitlines() if line.startswith("epoch")]
            self.assertEqual(len(losses), 4)
            self.assertLess(losses[-1], losses[0])
            out = pathlib.Path(folder, "out")
            self.assertEqual(set(json.loads((out / "precision.json").read_text())), {"val"})
            for name in ("raw", "decoded", "nms"):
                onnx.checker.check_model(out / f"{name}.onnx", full_check=True)

    def test_a_batch_larger_than_the_set_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            make_coco(pathlib.Path(folder, "set.zip"), 2)
            with self.assertRaisesRegex(SystemExit, "--batch 16 is more than the 2 images"):
                train_ssd.main([f"{folder}/set.zip", f"{folder}/out"])


if __name__ == "__main__":
    unittest.main()
