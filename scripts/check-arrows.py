#!/usr/bin/env python3
"""Checks the arrows between rooms, and who may see what.

A room includes only rooms above it; cmake/rooms.cmake has their order, and examples/ and cli/ come
below them. No header includes itself by a detour. A header that says "Private to graph/." is for
that room and its tests, and declares inside nacre::graph_internal. Third parties stay in their
rooms, JSON stays out of headers, testing/ is for tests, and everything is in namespace nacre.
"""

import argparse
import pathlib
import re
import sys

import arrows_faults
from namespaces import FORWARD, declarations
from sources import ROOT, is_test, room_of, rooms, sources

# Beginnings of the names of headers, and the only room that may include them.
THIRD_PARTIES = {
    "ATen/": "train", "torch/": "train", "c10/": "train", "openvino/": "target",
    "google/protobuf": "onnx", "nacre_onnx.pb.h": "onnx", "sqlite3.h": "store", "toml++": "config",
    "Highs": "search", "interfaces/highs": "search", "CLI/": "cli", "xxhash.h": "base",
    "turbojpeg.h": "data", "png.h": "data", "zlib.h": "data", "pugixml.hpp": "data",
    "spdlog/": "base", "tl/": "base",
    "loadgen.h": "benchmark", "query_sample": "benchmark", "system_under_test.h": "benchmark",
    "test_settings.h": "benchmark", "benchmark/benchmark.h": "bench",
}
FOR_TESTS = ("testing/", "tests/", "gtest/", "gmock/")
JSON = ("nlohmann/", "rapidjson/", "json/")
# What may stand in no namespace of a source, since no other file sees it.
UNSEEN = ("int main(", "BENCHMARK_MAIN(", "using namespace nacre")
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]', re.M)
PRIVATE = re.compile(r"^// .*Private to ([a-z]+)/", re.M)
LIKE_PRIVATE = re.compile(r"\b(private|internal) to\b", re.I)


def first_comment(path: pathlib.Path) -> str:
    return "\n".join(path.read_text().splitlines()[:6])


def private_room(path: pathlib.Path) -> str | None:
    """The room that a header says it is private to, in its first six lines."""
    found = PRIVATE.search(first_comment(path)) if path.suffix == ".h" else None
    return found[1] if found else None


def list_complaints(root: pathlib.Path):
    """CMake builds by the list of rooms, and the list is complete."""
    if "IN LISTS NACRE_ROOMS" not in (root / "CMakeLists.txt").read_text():
        yield "CMakeLists.txt: does not build the rooms of NACRE_ROOMS in their order"
    folders = {path.relative_to(root).parts[1] for path in sources(root, ["src"])}
    for room in sorted(folders ^ set(rooms(root))):
        yield f"src/{room}: the folder and its place in cmake/rooms.cmake must both exist"


def room_complaints(room: str, order: list[str], quote: str, name: str):
    other = name.split("/")[0]
    if quote == '"' and room in order and other in order and order.index(other) > order.index(room):
        yield f"includes {name}, but {other} is below {room}"
    for prefix, owner in THIRD_PARTIES.items():
        if name.startswith(prefix) and room != owner:
            yield f"includes {name}, which stays in {owner}"


def include_complaints(path: pathlib.Path, root: pathlib.Path, order: list[str]):
    room, testing = room_of(path, root), is_test(path, root)
    for quote, name in INCLUDE.findall(path.read_text()):
        yield from room_complaints(room, order, quote, name)
        if name.startswith(FOR_TESTS) and not testing and room != "bench":
            yield f"includes {name}, which is for tests"
        if name.startswith(JSON) and path.suffix == ".h" and path.is_relative_to(root / "src"):
            yield f"includes {name}, but no header has a JSON library"
        if quote == "<":
            continue
        places = [root / "src", root, *([path.parent] if testing else [])]
        found = [place / name for place in places if (place / name).exists()]
        if found and private_room(found[0]) not in {None, room}:
            yield f"includes {name}, which is private to {private_room(found[0])}"
        if not found and not name.startswith(tuple(THIRD_PARTIES)):
            yield f"includes {name}, not the name of a header from src/ or from the root"


def header_complaints(path: pathlib.Path, room: str):
    owner = private_room(path)
    if owner and owner != room:
        yield f"says that it is private to {owner}, but it is in {room}"
    if not owner and path.suffix == ".h" and LIKE_PRIVATE.search(first_comment(path)):
        yield f'does not say "Private to {room}/." in one of its first six lines, but seems private'


def namespace_complaints(path: pathlib.Path):
    owner = private_room(path)
    home = f"nacre::{owner}_internal" if owner else "nacre"
    for line, namespace, declaration in declarations(path.read_text()):
        inside = namespace == home or namespace.startswith(home + "::")
        unseen = namespace.startswith("{}") or declaration.startswith(UNSEEN)
        specialised = re.match(r"template\s*<\s*>\s*struct\s+(std|fmt)::", declaration)
        if not (inside or unseen and path.suffix == ".cc" or specialised
                or FORWARD.match(declaration)):
            yield f"line {line}: `{declaration[:60]}` is outside of namespace {home}"


def cycle_complaints(root: pathlib.Path):
    """Headers that include themselves by a detour."""
    reads = {path.relative_to(root / "src").as_posix():
             [name for quote, name in INCLUDE.findall(path.read_text()) if quote == '"']
             for path in sources(root, ["src"])}
    done = set()

    def visit(name: str, trail: list[str]):
        if name in trail:
            yield f"src/{name}: includes itself: {' -> '.join([*trail[trail.index(name):], name])}"
        elif name in reads and name not in done:
            for other in reads[name]:
                yield from visit(other, [*trail, name])
            done.add(name)

    for name in reads:
        yield from visit(name, [])


def complaints(root: pathlib.Path):
    """Everything that is wrong under the root, one line each."""
    yield from list_complaints(root)
    yield from cycle_complaints(root)
    order = rooms(root) + ["examples", "cli"]
    for path in sources(root):
        for found in (*include_complaints(path, root, order), *namespace_complaints(path),
                      *header_complaints(path, room_of(path, root))):
            yield f"{path.relative_to(root)}: {found}"
        if (lines := path.read_text().count("\n")) > 400:
            yield f"{path.relative_to(root)}: {lines} lines, but a file has at most 400"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=ROOT, help="another tree")
    parser.add_argument("--self-test", action="store_true", help="plants every fault")
    arguments = parser.parse_args()
    if arguments.self_test:
        return arrows_faults.run(complaints)
    found = list(complaints(arguments.root.resolve()))
    print("\n".join(found) or "arrows: all point one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
