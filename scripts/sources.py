"""What the checks share: the repository's root, its sources, its rooms, and which of them are tests."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ["src", "cli", "examples", "testing", "tests", "bench"]


def sources(root: pathlib.Path = ROOT, folders=FOLDERS):
    """Every .h and .cc of the folders, in order of their names."""
    for folder in folders:
        yield from sorted(p for p in (root / folder).rglob("*") if p.suffix in {".h", ".cc"})


def rooms(root: pathlib.Path = ROOT) -> list[str]:
    """The rooms of src/ from top to bottom, from the list that CMake builds by."""
    text = re.sub("#.*", "", (root / "cmake/rooms.cmake").read_text())
    return re.search(r"set\(NACRE_ROOMS\s+([^)]*)\)", text).group(1).split()


def is_test(path: pathlib.Path, root: pathlib.Path = ROOT) -> bool:
    """Whether a file serves tests alone: *_test.cc, and all of tests/ and testing/."""
    return path.relative_to(root).parts[0] in {"tests", "testing"} or path.stem.endswith("_test")


def room_of(path: pathlib.Path, root: pathlib.Path = ROOT) -> str:
    """The room that a file belongs to: graph for src/graph/x.h and tests/graph_x_test.cc, else its folder."""
    parts = path.relative_to(root).parts
    if parts[0] == "src":
        return parts[1]
    first_word = path.stem.split("_")[0]
    return first_word if parts[0] == "tests" and first_word in rooms(root) + ["cli"] else parts[0]
