#!/usr/bin/env python3
"""Exports 40 networks of torchvision, by both exporters, with random weights, for zoo.py.

    torchvision_zoo.py FOLDER [--only TEXT]

Statistics of batch-norm are random, too, so that none of it folds away unseen. Where torchvision's
own operations cannot be loaded (its wheel is for another build of torch), empty ones are declared:
nothing here runs them.
"""

import argparse
import importlib.util
import pathlib
import re
import sys
import warnings

import torch

# Name, side of the images, exporter.
NETWORKS = [
    ("resnet18", 224, "script"), ("resnet34", 224, "dynamo"), ("resnet50", 224, "script"),
    ("resnet50", 224, "dynamo"), ("resnet101", 224, "script"), ("resnext50_32x4d", 224, "dynamo"),
    ("resnext101_32x8d", 224, "script"), ("wide_resnet50_2", 224, "script"),
    ("vgg11", 224, "script"), ("vgg16_bn", 224, "dynamo"), ("alexnet", 224, "dynamo"),
    ("densenet121", 224, "script"), ("densenet121", 224, "dynamo"), ("densenet169", 224, "script"),
    ("inception_v3", 299, "script"), ("googlenet", 224, "script"), ("googlenet", 224, "dynamo"),
    ("mobilenet_v2", 224, "script"), ("mobilenet_v2", 224, "dynamo"),
    ("mobilenet_v3_small", 224, "script"), ("mobilenet_v3_large", 224, "dynamo"),
    ("efficientnet_b0", 224, "script"), ("efficientnet_b0", 224, "dynamo"),
    ("efficientnet_b1", 240, "script"), ("efficientnet_v2_s", 224, "dynamo"),
    ("shufflenet_v2_x0_5", 224, "script"), ("shufflenet_v2_x1_0", 224, "dynamo"),
    ("regnet_x_400mf", 224, "script"), ("regnet_y_400mf", 224, "dynamo"),
    ("mnasnet0_5", 224, "script"), ("mnasnet1_0", 224, "dynamo"),
    ("squeezenet1_0", 224, "script"), ("squeezenet1_1", 224, "dynamo"),
    ("convnext_tiny", 224, "script"), ("convnext_tiny", 224, "dynamo"),
    ("lraspp_mobilenet_v3_large", 224, "script"), ("fcn_resnet50", 224, "script"),
    ("deeplabv3_mobilenet_v3_large", 224, "script"), ("ssdlite_heads", 320, "script"),
    ("retinanet_heads", 224, "script")]


def load_torchvision():
    try:
        import torchvision
    except RuntimeError:
        spec = importlib.util.find_spec("torchvision")
        text = (pathlib.Path(spec.origin).parent / "_meta_registrations.py").read_text()
        library = torch.library.Library("torchvision", "DEF")
        for name in sorted(set(re.findall(r"torchvision::(\w+)", text))):
            library.define(name + "(Tensor x) -> Tensor")
        load_torchvision.library = library  # while it lives, its operations do
        for name in [each for each in sys.modules if each.startswith("torchvision")]:
            del sys.modules[name]
        import torchvision
    return torchvision


class Heads(torch.nn.Module):
    """A detector up to its raw scores and boxes, without anchors and suppression."""

    def __init__(self, detector):
        super().__init__()
        self.backbone, self.head = detector.backbone, detector.head

    def forward(self, x):
        out = self.head(list(self.backbone(x).values()))
        return out["cls_logits"], out["bbox_regression"]


class Out(torch.nn.Module):
    """A segmenter's one output."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        return self.network(x)["out"]


def make(name):
    torchvision = load_torchvision()
    models = torchvision.models
    if name == "ssdlite_heads":
        return Heads(models.detection.ssdlite320_mobilenet_v3_large(
            weights=None, weights_backbone=None))
    if name == "retinanet_heads":
        return Heads(models.detection.retinanet_resnet50_fpn(weights=None, weights_backbone=None))
    if hasattr(models.segmentation, name):
        return Out(getattr(models.segmentation, name)(weights=None, weights_backbone=None))
    return getattr(models, name)(weights=None)


def export(name, side, exporter, path):
    torch.manual_seed(0)
    network = make(name).eval()
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.running_mean.uniform_(-0.1, 0.1)
                module.running_var.uniform_(0.5, 1.5)
    image = torch.randn(1, 3, side, side)
    if exporter == "script":
        torch.onnx.export(network, image, path, opset_version=17, dynamo=False,
                          input_names=["image"], dynamic_axes={"image": {0: "batch"}})
    else:
        torch.onnx.export(network, (image,), path, opset_version=18, dynamo=True,
                          input_names=["image"], external_data=False, verbose=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    options.folder.mkdir(parents=True, exist_ok=True)
    for name, side, exporter in NETWORKS:
        path = options.folder / f"{name}-{exporter}.onnx"
        if options.only not in path.stem or path.exists():
            continue
        try:
            export(name, side, exporter, str(path))
            print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB", flush=True)
        except Exception as error:
            print(f"{path.name}: cannot be exported: {str(error).splitlines()[0]}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
