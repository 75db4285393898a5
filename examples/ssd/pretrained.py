"""The weights of a trained MobileNetV1 in ONNX as the beginning of the trunk.

The file's batch-norms are folded into its convolutions, and it may be quantized with
DequantizeLinear nodes: so are Google's published MobileNetV1 files, converted by tf2onnx. The file
must have the trunk's width, and take images as (pixel - 127.5) / 127.5.
"""

import numpy as np
import onnx
import torch
from onnx import numpy_helper


def dequantized(values: np.ndarray, scale: np.ndarray, zero: np.ndarray, axis: int) -> np.ndarray:
    """What DequantizeLinear answers, for one scale or one along `axis`."""
    shape = [1] * values.ndim
    if scale.ndim and values.ndim:
        shape[axis] = -1
    return (values.astype(np.float32) - zero.astype(np.float32).reshape(shape)) * \
        scale.reshape(shape)


def convolutions(path: str) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """(weight, bias) of each Conv in the file's order."""
    graph = onnx.load(path).graph
    constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "DequantizeLinear" and node.input[0] in constants:
            axis = next((each.i for each in node.attribute if each.name == "axis"), 1)
            values, scale, zero = (constants[name] for name in node.input)
            constants[node.output[0]] = dequantized(values, scale, zero, axis)
    convs = [node for node in graph.node if node.op_type == "Conv"]
    return [tuple(torch.tensor(constants[name]) for name in node.input[1:3]) for node in convs]


@torch.no_grad()
def begin_from(path: str, detector, images: torch.Tensor):
    """Gives the detector's trunk the file's weights; SystemExit if their shapes differ.

    The biases are folded batch-norms. Each batch-norm is given the mean and the variance that
    `images` have in front of it, and the scale and shift that undo them: so it changes nothing on
    the average, and can be trained. One pass does it, since a batch-norm is set when it is reached.
    """
    pairs = detector.trunk_convolutions()
    given = convolutions(path)[:len(pairs)]
    if len(given) < len(pairs):
        raise SystemExit(f"{path} has {len(given)} convolutions; a MobileNetV1 has {len(pairs)}")
    hooks = []
    for (conv, norm), (weight, bias) in zip(pairs, given):
        if conv.weight.shape != weight.shape:
            raise SystemExit(f"{path} has a weight {list(weight.shape)} where the trunk has "
                             f"{list(conv.weight.shape)}; give the --width of the file")
        conv.weight.copy_(weight)

        def settle(module, inputs, bias=bias):
            mean, variance = inputs[0].mean((0, 2, 3)), inputs[0].var((0, 2, 3))
            module.running_mean.copy_(mean)
            module.running_var.copy_(variance)
            module.weight.copy_((variance + module.eps).sqrt())
            module.bias.copy_(bias + mean)

        hooks.append(norm.register_forward_pre_hook(settle))
    detector.eval()(images)
    for hook in hooks:
        hook.remove()
