#!/usr/bin/env python3
"""Checks the arrows between folders: a folder includes only folders above it, third parties stay in their room."""

import pathlib
import re
import sys

ORDER = ["base", "graph", "onnx", "data", "task", "target", "benchmark", "forecast", "quantize", "store",
         "cost", "config", "search", "space", "train", "engine", "report", "pipeline"]
# Header prefix -> the only folders that may include it.
ROOMS = {
    "ATen/": {"train"}, "torch/": {"train"}, "c10/": {"train"},
    "openvino/": {"target"}, "sqlite3.h": {"store"}, "google/protobuf": {"onnx"},
    "Highs": {"search"}, "interfaces/highs": {"search"}, "turbojpeg.h": {"data"},
    "png.h": {"data"}, "toml++": {"config"}, "spdlog/": {"base"},
    "loadgen.h": {"benchmark"}, "system_under_test.h": {"benchmark"}, "query_sample_library.h": {"benchmark"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)


def complaints(root: pathlib.Path):
    for path in sorted((root / "src").rglob("*")):
        if path.suffix not in {".h", ".cc"}:
            continue
        folder = path.relative_to(root / "src").parts[0]
        where = path.relative_to(root)
        if folder not in ORDER:
            yield f"{where}: folder {folder} has no place in the order"
            continue
        for quote, name in INCLUDE.findall(path.read_text()):
            other = name.split("/")[0]
            if quote == '"' and other in ORDER and ORDER.index(other) > ORDER.index(folder):
                yield f"{where}: includes {name}, which lies below {folder}"
            for prefix, rooms in ROOMS.items():
                if quote == "<" and name.startswith(prefix) and folder not in rooms:
                    yield f"{where}: {name} may be included in {', '.join(sorted(rooms))} only"
            if other == "testing" and not path.stem.endswith("_test"):
                yield f"{where}: includes {name}, which is for tests"


def main():
    found = list(complaints(pathlib.Path(__file__).resolve().parent.parent))
    print("\n".join(found) if found else "arrows: all point one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
