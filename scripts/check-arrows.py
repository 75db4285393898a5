#!/usr/bin/env python3
"""Checks the arrows between rooms, and who may see what.

A room includes only rooms above it (the order is cmake/rooms.cmake), and no header includes itself by a detour. A
private header ("Private to graph/.") is for its room and the room's tests, and declares in nacre::<room>_internal.
Third parties stay in their rooms, JSON stays out of headers, testing/ is for tests, everything is in namespace nacre.
"""

import argparse
import pathlib
import re
import sys

from namespaces import FORWARD, declarations
from sources import FOLDERS, ROOT, is_test, room_of, rooms, sources

# Beginning of a header's name -> the only rooms that may include it.
THIRD_PARTIES = {
    "ATen/": {"train"}, "torch/": {"train"}, "c10/": {"train"}, "openvino/": {"target"}, "sqlite3.h": {"store"},
    "google/protobuf": {"onnx"}, "nacre_onnx.pb.h": {"onnx"}, "Highs": {"search"}, "interfaces/highs": {"search"},
    "turbojpeg.h": {"data"}, "png.h": {"data"}, "zlib.h": {"data"}, "toml++": {"config"}, "spdlog/": {"base"},
    "xxhash.h": {"base"}, "tl/": {"base"}, "CLI/": {"cli"}, "benchmark/benchmark.h": {"bench"},
    "loadgen.h": {"benchmark"}, "system_under_test.h": {"benchmark"}, "query_sample": {"benchmark"},
    "test_settings.h": {"benchmark"},
}
FOR_TESTS = ("testing/", "tests/", "gtest/", "gmock/")
UNSEEN = ("int main(", "BENCHMARK_MAIN(", "using namespace nacre")
JSON = ("nlohmann/", "rapidjson/", "json/")
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
    """The list of rooms is the only one, and complete."""
    if "IN LISTS NACRE_ROOMS" not in (root / "CMakeLists.txt").read_text():
        yield "CMakeLists.txt: it does not build the rooms of NACRE_ROOMS (cmake/rooms.cmake) in their order"
    for folder in sorted({p.relative_to(root).parts[1] for p in sources(root, ["src"])} ^ set(rooms(root))):
        yield f"src/{folder}: the folder and its place in cmake/rooms.cmake must both exist"


def include_complaints(path: pathlib.Path, root: pathlib.Path, order: list[str]):
    room, testing = room_of(path, root), is_test(path, root)
    for quote, name in INCLUDE.findall(path.read_text()):
        other = name.split("/")[0]
        if quote == '"' and room in order and other in order and order.index(other) > order.index(room):
            yield f"includes {name}, but {other} is below {room}"
        if not testing and other == "cli" and room in order + ["examples"]:
            yield f"includes {name}, but cli/ is below everything"
        if not testing and other == "examples" and room in order:
            yield f"includes {name}, but examples/ is below src/"
        if name.startswith(FOR_TESTS) and not testing and room != "bench":
            yield f"includes {name}, which is for tests"
        if name.startswith(JSON) and path.suffix == ".h" and path.relative_to(root).parts[0] == "src":
            yield f"includes {name}, but no header has a JSON library"
        for prefix, owners in THIRD_PARTIES.items():
            if name.startswith(prefix) and room not in owners:
                yield f"includes {name}, which stays in {', '.join(sorted(owners))}"
        header = root / "src" / name
        owner = private_room(header) if quote == '"' and header.exists() else None
        if owner and room != owner:
            yield f"includes {name}, which is private to {owner}"
        known = header.exists() or (root / name).exists() or name.startswith(tuple(THIRD_PARTIES)) or (
            testing and (path.parent / name).exists())
        if quote == '"' and not known:
            yield f"includes {name}, which is not the name of a header from src/ or from the root"


def header_complaints(path: pathlib.Path, root: pathlib.Path):
    owner, room = private_room(path), room_of(path, root)
    if owner and owner != room:
        yield f"says that it is private to {owner}, but it is in {room}"
    if not owner and path.suffix == ".h" and LIKE_PRIVATE.search(first_comment(path)):
        yield f'seems private, but does not say "Private to {room}/." on one line of the first six'


def namespace_complaints(path: pathlib.Path):
    owner = private_room(path)
    home = f"nacre::{owner}_internal" if owner else "nacre"
    for line, namespace, declaration in declarations(path.read_text()):
        inside = namespace == home or namespace.startswith(home + "::")
        # No other file sees an anonymous namespace, main, or the names that one source uses.
        unseen = path.suffix == ".cc" and (namespace.startswith("{}") or declaration.startswith(UNSEEN))
        specialised = re.match(r"template\s*<\s*>\s*struct\s+(std|fmt)::", declaration)
        if not (inside or unseen or specialised or FORWARD.match(declaration)):
            yield f"line {line}: `{declaration[:60]}` is outside of namespace {home}"


def cycle_complaints(root: pathlib.Path):
    """Headers that include themselves by a detour."""
    reads = {p.relative_to(root / "src").as_posix(): [n for q, n in INCLUDE.findall(p.read_text()) if q == '"']
             for p in sources(root, ["src"])}
    done = set()

    def visit(name, trail):
        if name in trail:
            yield f"src/{name}: includes itself: {' -> '.join(trail[trail.index(name):] + [name])}"
        elif name in reads and name not in done:
            for other in reads[name]:
                yield from visit(other, trail + [name])
            done.add(name)

    for name in reads:
        yield from visit(name, [])


def complaints(root: pathlib.Path):
    """Every breach under the root, one line each."""
    yield from list_complaints(root)
    yield from cycle_complaints(root)
    order = rooms(root)
    for path in sources(root, FOLDERS):
        where = path.relative_to(root)
        for found in (*include_complaints(path, root, order), *header_complaints(path, root),
                      *namespace_complaints(path)):
            yield f"{where}: {found}"
        lines = path.read_text().count("\n")
        if lines > 400:
            yield f"{where}: {lines} lines, but a file has at most 400"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=ROOT, help="another tree to check")
    parser.add_argument("--self-test", action="store_true", help="plants every fault in a small tree, looks for each")
    arguments = parser.parse_args()
    if arguments.self_test:
        import arrows_faults
        return arrows_faults.run(complaints)
    found = list(complaints(arguments.root.resolve()))
    print("\n".join(found) if found else "arrows: all point one way")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
