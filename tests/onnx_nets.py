"""Networks of the kinds people bring, in plain torch (torchvision is not at hand), small inputs,
random weights."""

import torch
from torch import nn


def conv_bn(cin, cout, kernel=3, stride=1, groups=1, act=nn.ReLU):
    conv = nn.Conv2d(cin, cout, kernel, stride, kernel // 2, groups=groups, bias=False)
    layers = [conv, nn.BatchNorm2d(cout)]
    return nn.Sequential(*layers, act()) if act else nn.Sequential(*layers)


class Residual(nn.Module):
    """Basic block (mid == 0), bottleneck, or ResNeXt's bottleneck (groups > 1)."""

    def __init__(self, cin, cout, stride=1, mid=0, groups=1):
        super().__init__()
        if mid:
            self.body = nn.Sequential(
                conv_bn(cin, mid, 1), conv_bn(mid, mid, 3, stride, groups),
                conv_bn(mid, cout, 1, act=None)
            )
        else:
            self.body = nn.Sequential(conv_bn(cin, cout, 3, stride), conv_bn(cout, cout, act=None))
        same = stride == 1 and cin == cout
        self.shortcut = nn.Identity() if same else conv_bn(cin, cout, 1, stride, act=None)

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


class Inverted(nn.Module):
    def __init__(self, cin, cout, stride, expand, act=nn.ReLU6):
        super().__init__()
        self.add = stride == 1 and cin == cout
        mid = cin * expand
        self.body = nn.Sequential(
            conv_bn(cin, mid, 1, act=act), conv_bn(mid, mid, 3, stride, mid, act=act),
            conv_bn(mid, cout, 1, act=None)
        )

    def forward(self, x):
        return x + self.body(x) if self.add else self.body(x)


class Fire(nn.Module):
    def __init__(self, cin, squeeze, expand):
        super().__init__()
        self.squeeze = nn.Conv2d(cin, squeeze, 1)
        self.one = nn.Conv2d(squeeze, expand, 1)
        self.three = nn.Conv2d(squeeze, expand, 3, padding=1)

    def forward(self, x):
        x = torch.relu(self.squeeze(x))
        return torch.cat([torch.relu(self.one(x)), torch.relu(self.three(x))], 1)


class Shuffle(nn.Module):
    """Channel split and shuffle: Split, Reshape and Transpose chains."""

    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(
            conv_bn(half, half, 1), conv_bn(half, half, 3, 1, half, None), conv_bn(half, half, 1))

    def forward(self, x):
        a, b = x.chunk(2, 1)
        x = torch.cat([a, self.body(b)], 1)
        n, c, h, w = x.shape
        return x.view(n, 2, c // 2, h, w).transpose(1, 2).reshape(n, c, h, w)


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.down = nn.Conv2d(channels, channels // 4, 1)
        self.up = nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        gate = self.up(torch.relu(self.down(x.mean((2, 3), keepdim=True))))
        return x * torch.nn.functional.hardsigmoid(gate)


def head(channels, classes=10):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def stem(cout):
    return nn.Sequential(conv_bn(3, cout, 7, 2), nn.MaxPool2d(3, 2, 1))


def resnet(blocks, mid=None, groups=1, widths=(64, 128, 256, 512), expansion=1):
    layers, cin = [stem(64)], 64
    for stage, (count, width) in enumerate(zip(blocks, widths)):
        for i in range(count):
            stride = 2 if stage and i == 0 else 1
            cout = width * expansion
            layers.append(Residual(cin, cout, stride, mid(width) if mid else 0, groups))
            cin = cout
    return nn.Sequential(*layers, head(cin))


def vgg(bn=True):
    layers, cin = [], 3
    for width, count in ((32, 2), (64, 2), (128, 3)):
        for _ in range(count):
            if bn:
                layers += list(conv_bn(cin, width))
            else:
                layers += [nn.Conv2d(cin, width, 3, padding=1), nn.ReLU()]
            cin = width
        layers.append(nn.MaxPool2d(2, 2))
    classifier = [nn.Flatten(), nn.Linear(cin * 16, 256), nn.ReLU(), nn.Dropout(),
                  nn.Linear(256, 10)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), *classifier)


def mobilenet1():
    layers, cin = [conv_bn(3, 16, 3, 2)], 16
    for cout, stride in ((32, 1), (64, 2), (64, 1), (128, 2)):
        layers += [conv_bn(cin, cin, 3, stride, cin), conv_bn(cin, cout, 1)]
        cin = cout
    return nn.Sequential(*layers, head(cin), nn.Softmax(-1))


def mobilenet2():
    blocks = [Inverted(16, 24, 2, 4), Inverted(24, 24, 1, 4), Inverted(24, 32, 2, 4),
              Inverted(32, 32, 1, 4)]
    return nn.Sequential(conv_bn(3, 16, 3, 2, act=nn.ReLU6), *blocks,
                         conv_bn(32, 64, 1, act=nn.ReLU6), head(64))


def mobilenet3():
    return nn.Sequential(
        conv_bn(3, 16, 3, 2, act=nn.Hardswish), Inverted(16, 16, 1, 4, nn.Hardswish),
        SqueezeExcite(16), Inverted(16, 24, 2, 4, nn.SiLU), head(24), nn.LogSoftmax(1),
    )


def squeezenet():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3, 2), nn.ReLU(), nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(32, 8, 32), Fire(64, 8, 32), nn.MaxPool2d(3, 2, ceil_mode=True),
        Fire(64, 16, 64), nn.Dropout(), nn.Conv2d(128, 10, 1), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )


def shufflenet():
    return nn.Sequential(conv_bn(3, 32, 3, 2), Shuffle(32), Shuffle(32),
                         nn.Upsample(scale_factor=2), head(32))


def resnet50():
    return resnet((3, 4, 6, 3), lambda width: width, expansion=4)


NETS = {
    "vgg": vgg,
    "vgg_plain": lambda: vgg(False),
    "resnet18": lambda: resnet((2, 2, 2, 2)),
    "resnet50": resnet50,
    "resnext": lambda: resnet((1, 1, 1, 1), lambda width: width, 8, expansion=2),
    "mobilenet1": mobilenet1,
    "mobilenet2": mobilenet2,
    "mobilenet3": mobilenet3,
    "squeezenet": squeezenet,
    "shufflenet": shufflenet,
}


def build(name):
    """The network `name` with lively batch-norm statistics, in evaluation mode."""
    torch.manual_seed(len(name))
    net = NETS[name]().eval()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
            nn.init.uniform_(module.weight, 0.7, 1.3)
            nn.init.uniform_(module.bias, -0.2, 0.2)
    return net


def export(name, path, opset, folded, dynamic, size=64):
    """Writes the network as PyTorch's TorchScript exporter does. `folded`: batch-norm merged into
    convolutions."""
    net = build(name)
    torch.onnx.export(
        net, (torch.randn(2, 3, size, size),), path, dynamo=False, opset_version=opset,
        input_names=["image"], output_names=["logits"],
        training=torch.onnx.TrainingMode.EVAL if folded else torch.onnx.TrainingMode.PRESERVE,
        do_constant_folding=folded,
        dynamic_axes={"image": {0: "batch"}, "logits": {0: "batch"}} if dynamic else None,
    )
