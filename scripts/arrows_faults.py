"""The self-test of check-arrows.py: a small tree without a fault, then one fault at a time planted in a copy of it."""

import pathlib
import tempfile

HEADER = "// {}\n#pragma once\n\n{}\nnamespace {} {{\n\n{};\n\n}}\n"
CLEAN = {
    "CMakeLists.txt": "foreach(room IN LISTS NACRE_ROOMS)\nendforeach()\n",
    "cmake/rooms.cmake": "# base graph\nset(NACRE_ROOMS\n  base graph store train)\n",
    "src/base/units.h": HEADER.format("Units. Thread-safe.", "#include <string>", "nacre", "int Bytes(char c = '{')"),
    "src/graph/network.h": HEADER.format("A value.", '#include "base/units.h"', "nacre", "struct Network {}"),
    "src/graph/flow.h": HEADER.format("Which nodes carry data. Private to graph/.", '#include "graph/network.h"',
                                      "nacre::graph_internal", "class Flow {\n public:\n  int at() { return 1; }\n}"),
    "src/graph/flow.cc": '#include "graph/flow.h"\nnamespace nacre {\nusing namespace graph_internal;\nnamespace {\n'
                         'const char* kBrace = "} // {";\nint One() { return 1; }\n}\n}\n',
    "src/graph/flow_test.cc": '#include "graph/flow.h"\n#include <gtest/gtest.h>\n#include "testing/fake.h"\n',
    "tests/graph_flow_test.cc": '#include "graph/flow.h"\n',
    "src/store/run.h": "// The store.\n#pragma once\n\nstruct sqlite3;\nnamespace nacre {\nclass Network;\n}\n",
    "src/store/run.cc": '#include <sqlite3.h>\n#include <nlohmann/json.hpp>\n#include "store/run.h"\n',
    "src/train/trainer.h": HEADER.format("The trainer.", '#include "store/run.h"', "nacre", "void Train()"),
    "testing/fake.h": "#pragma once\n#include <gmock/gmock.h>\n",
    "cli/main.cc": "#include <CLI/CLI.hpp>\nnamespace nacre {\n}\nint main(int argc, char**) { return argc; }\n",
    "examples/demo/demo.cc": '#include "train/trainer.h"\n',
}
# What is planted, where, its text (in place of the file's, or behind it when it begins with +), what must be said of it.
FAULTS = [
    ("an arrow that runs up", "src/base/units.h", '+#include "graph/network.h"', "but graph is below base"),
    ("a room that has no place", "src/music/a.h", "#pragma once", "src/music: the folder and its place"),
    ("a place that has no room", "cmake/rooms.cmake", "set(NACRE_ROOMS base graph store train zoo)", "src/zoo: the folder"),
    ("rooms listed by hand", "CMakeLists.txt", "foreach(room base graph)", "does not build the rooms of NACRE_ROOMS"),
    ("a private header elsewhere", "src/train/a.cc", '#include "graph/flow.h"', "which is private to graph"),
    ("a private header in cli/", "cli/a.cc", '#include "graph/flow.h"', "which is private to graph"),
    ("a private header in a bench", "bench/a.cc", '#include "graph/flow.h"', "which is private to graph"),
    ("a private header in another's test", "tests/train_a_test.cc", '#include "graph/flow.h"', "private to graph"),
    ("a private header by a short name", "src/graph/a.cc", '#include "flow.h"', "is not the name of a header"),
    ("a private header that is public", "src/graph/a.h", HEADER.format("Private to graph/.", "", "nacre", "struct A {}"),
     "`struct A {` is outside of namespace nacre::graph_internal"),
    ("a header of another room's", "src/graph/a.h", "// Private to train/.", "says that it is private to train"),
    ("a private header that mumbles", "src/graph/a.h", "// Internal to this folder.", 'does not say "Private to graph/."'),
    ("JSON in a header", "src/train/a.h", "#include <nlohmann/json_fwd.hpp>", "no header has a JSON library"),
    ("torch outside of train/", "examples/demo/a.cc", "#include <torch/torch.h>", "which stays in train"),
    ("SQLite outside of store/", "src/train/a.cc", "#include <sqlite3.h>", "which stays in store"),
    ("libpng outside of data/", "cli/a.cc", "#include <png.h>", "which stays in data"),
    ("CLI11 outside of cli/", "src/train/a.cc", "#include <CLI/CLI.hpp>", "which stays in cli"),
    ("testing/ outside of tests", "src/train/a.cc", '#include "testing/fake.h"', "which is for tests"),
    ("GoogleTest outside of tests", "cli/a.cc", "#include <gtest/gtest.h>", "which is for tests"),
    ("a room that sees cli/", "src/train/a.cc", '#include "cli/main.cc"', "but cli/ is below everything"),
    ("a room that sees examples/", "src/train/a.cc", '#include "examples/demo/demo.cc"', "but examples/ is below src/"),
    ("a file of 401 lines", "src/graph/a.cc", "\n" * 400, "401 lines, but a file has at most 400"),
    ("a cycle", "src/graph/network.h", '+#include "graph/flow.h"', "includes itself: graph/flow.h -> graph/network.h"),
    ("a global function", "src/base/a.cc", "int Loose() { return 1; }", "`int Loose() {` is outside of namespace nacre"),
    ("a namespace of its own", "cli/a.h", "namespace tools {\nstruct A {};\n}", "`struct A {` is outside of namespace nacre"),
    ("an anonymous global in a header", "src/base/a.h", "namespace {\nint a;\n}", "`int a` is outside of namespace nacre"),
]


def write(root: pathlib.Path, files: dict[str, str]):
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")


def run(complaints) -> int:
    """Returns how a process ends: 0 when the clean tree passes and every fault is caught."""
    missed = []
    for what, where, text, expected in [("nothing", "", "", "")] + FAULTS:
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            write(root, CLEAN)
            if where:
                write(root, {where: CLEAN[where] + text[1:] if text.startswith("+") else text})
            found = list(complaints(root))
            if not where and found or where and not any(expected in line for line in found):
                missed.append(f"arrows: self-test: {what} ({where}): found {found}")
    print("\n".join(missed) if missed else f"arrows: self-test: {len(FAULTS)} planted faults, all caught")
    return 1 if missed else 0
