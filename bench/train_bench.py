"""Training throughput of nacre against PyTorch, taking turns.

    python bench/train_bench.py build/bench/train_throughput [--rounds 3] [--steps 20] [--threads 2]

Both train the same ResNet-20 with the same batch, threads and memory format.

Prints both medians in images per second with their ranges, and the ratio (target: at least 0.95).
"""

import argparse
import os
import statistics
import subprocess
import sys
import time


def run_torch(steps: int, batch: int, threads: int) -> float:
    """Images per second of a plain training loop.

    SGD with Nesterov momentum; flip and shift are torch operations.
    """
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(1)

    def unit(inputs: int, outputs: int, kernel: int, stride: int) -> nn.Sequential:
        conv = nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        return nn.Sequential(conv, nn.BatchNorm2d(outputs))

    class Block(nn.Module):
        def __init__(self, inputs: int, outputs: int, stride: int) -> None:
            super().__init__()
            self.first = unit(inputs, outputs, 3, stride)
            self.second = unit(outputs, outputs, 3, 1)
            self.short = unit(inputs, outputs, 1, stride) if stride > 1 else nn.Identity()

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu_(self.second(torch.relu_(self.first(x))) + self.short(x))

    layers: list[nn.Module] = [unit(3, 16, 3, 1), nn.ReLU(inplace=True)]
    inputs = 16
    for width in (16, 32, 64):
        for block in range(3):
            layers.append(Block(inputs, width, 2 if width > 16 and block == 0 else 1))
            inputs = width
    layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10)]
    model = nn.Sequential(*layers).to(memory_format=torch.channels_last).train()
    decayed = [p for p in model.parameters() if p.dim() > 1]
    plain = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": decayed, "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0.0}]
    optimizer = torch.optim.SGD(groups, lr=0.01, momentum=0.9, nesterov=True)
    pixels = torch.randint(0, 256, (4 * batch, 3, 32, 32), dtype=torch.uint8)
    labels = torch.randint(0, 10, (4 * batch,))

    def step(k: int) -> None:
        rows = slice(k % 4 * batch, k % 4 * batch + batch)
        images = (pixels[rows].float() / 255 - 0.5) / 0.25
        if k % 2:
            images = images.flip(3)
        padded = nn.functional.pad(images, (4, 4, 4, 4), mode="reflect")
        images = padded[:, :, k % 9 : k % 9 + 32, 4:36]
        logits = model(images.contiguous(memory_format=torch.channels_last))
        loss = nn.functional.cross_entropy(logits, labels[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        loss.item()

    for k in range(3):
        step(k)
    start = time.perf_counter()
    for k in range(steps):
        step(k)
    return steps * batch / (time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", nargs="?", help="the built train_throughput")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument(
        "--torch-only", action="store_true", help="one PyTorch measurement, in this process"
    )
    args = parser.parse_args()
    if args.torch_only:
        print(f"{run_torch(args.steps, args.batch, args.threads):.1f}")
        return
    steps, batch, threads = str(args.steps), str(args.batch), str(args.threads)
    sizes = ["--steps", steps, "--batch", batch, "--threads", threads]
    commands = {
        "nacre": [args.tool, steps, batch, threads],
        "torch": [sys.executable, __file__, "--torch-only", *sizes],
    }
    environment = dict(os.environ, OMP_WAIT_POLICY="PASSIVE")
    speeds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(args.rounds):
        for name, command in commands.items():
            done = subprocess.run(
                command, env=environment, check=True, capture_output=True, text=True
            )
            speeds[name].append(float(done.stdout))
    for name, values in speeds.items():
        median, low, high = statistics.median(values), min(values), max(values)
        print(f"{name}: {median:.0f} images/s ({low:.0f} to {high:.0f})")
    ratios = [a / b for a, b in zip(speeds["nacre"], speeds["torch"])]
    median, low, high = statistics.median(ratios), min(ratios), max(ratios)
    print(f"nacre / torch: {median:.3f} ({low:.3f} to {high:.3f})")


if __name__ == "__main__":
    main()
