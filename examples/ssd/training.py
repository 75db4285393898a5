"""Training of the detector: its state, its checkpoint, its updates."""

import argparse
import math
import pathlib

import torch
from torch.utils.data import DataLoader

from ssd import data
from ssd.anchors import make_anchors
from ssd.evaluate import evaluate
from ssd.loss import detection_loss
from ssd.model import Decoded, SsdMobileNetV1
from ssd.pretrained import begin_from

WARM_UP = 100  # updates in which the learning rate rises
LARGEST_GRADIENT = 10.0  # gradients of a larger norm are scaled down to it
CALIBRATION_IMAGES = 64  # they settle the batch-norms of a trunk that is given


def rate_at(update: int, updates: int) -> float:
    """The share of the largest learning rate: a linear rise, and half a cosine over all updates."""
    rise = min(1.0, (update + 1) / WARM_UP)
    return rise * (1 + math.cos(math.pi * min(update / updates, 1.0))) / 2


class Training:
    """A detector, its optimizer and the epochs done, which are in the checkpoint after each epoch.

    `options` are those of train_ssd.py.
    """

    def __init__(self, options: argparse.Namespace):
        self.options, self.epoch = options, 0
        torch.manual_seed(options.seed)
        self.train_set = data.DetectionSet(options.data, "train", True, options.images)
        self.loader = DataLoader(self.train_set, options.batch, shuffle=True, drop_last=True,
                                 num_workers=options.workers, collate_fn=data.collate)
        if len(self.loader) == 0:
            raise SystemExit(f"--batch {options.batch} is more than the {len(self.train_set)} "
                             "images of the split train; give a smaller one")
        self.detector = SsdMobileNetV1(len(self.train_set.categories), options.width)
        if options.trunk and not self.checkpoint.exists():
            begin_from(options.trunk, self.detector, self.calibration_images())
        self.detector.to(options.device, memory_format=torch.channels_last)
        self.optimizer = torch.optim.AdamW(self.detector.parameters(), options.rate,
                                           weight_decay=options.decay)
        updates = options.epochs * len(self.loader)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            self.optimizer, lambda update: rate_at(update, updates))
        self.anchors = make_anchors().to(options.device)
        if self.checkpoint.exists():
            self._resume()

    @property
    def checkpoint(self) -> pathlib.Path:
        return self.options.out / "checkpoint.pt"

    def calibration_images(self) -> torch.Tensor:
        count = min(CALIBRATION_IMAGES, len(self.train_set))
        stride = len(self.train_set) // count
        return torch.stack([self.train_set[i * stride][0] for i in range(count)])

    def _save(self):
        state = {"epoch": self.epoch, "detector": self.detector.state_dict(),
                 "optimizer": self.optimizer.state_dict(), "schedule": self.schedule.state_dict()}
        beside = self.checkpoint.with_suffix(".new")
        torch.save(state, beside)
        beside.replace(self.checkpoint)  # a run that ends here leaves the old file or the new one

    def _resume(self):
        state = torch.load(self.checkpoint, weights_only=True, map_location=self.options.device)
        self.detector.load_state_dict(state["detector"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        self.epoch = state["epoch"]
        torch.manual_seed(self.options.seed + self.epoch)  # other crops than in the first epoch

    def update(self, images: torch.Tensor, targets) -> tuple[float, float]:
        """One update; the losses of classification and localisation before it."""
        device = torch.device(self.options.device)
        images = images.to(device, memory_format=torch.channels_last)
        targets = [(boxes.to(device), labels.to(device)) for boxes, labels in targets]
        with torch.autocast(device.type, torch.bfloat16, enabled=self.options.bf16):
            logits, codes = self.detector(images)
        of_class, of_box = detection_loss(logits.float(), codes.float(), targets, self.anchors)
        self.optimizer.zero_grad()
        (of_class + of_box).backward()
        torch.nn.utils.clip_grad_norm_(self.detector.parameters(), LARGEST_GRADIENT)
        self.optimizer.step()
        self.schedule.step()
        return of_class.item(), of_box.item()

    def run_epoch(self) -> tuple[float, float]:
        """Trains for an epoch and saves; the mean losses of classification and localisation."""
        self.detector.train()
        losses = [self.update(images, targets) for images, targets in self.loader]
        self.epoch += 1
        self._save()
        of_class, of_box = (sum(column) / len(losses) for column in zip(*losses))
        return of_class, of_box

    def judge(self, split: str) -> dict[str, float]:
        """The precision on a split, in float32, as `evaluate` answers it."""
        judged = data.DetectionSet(self.options.data, split, False, self.options.images)
        loader = DataLoader(judged, self.options.batch, collate_fn=data.collate)
        decoded = Decoded(self.detector).to(self.options.device).eval()
        return evaluate(lambda images: decoded(images.to(self.options.device)), loader)
