"""The self-test of check-arrows.py: a small tree without a fault, then one fault at a time."""

import pathlib
import tempfile


def header(comment: str, include: str, namespace: str, declaration: str) -> str:
    return f"// {comment}\n#pragma once\n{include}\nnamespace {namespace} {{\n{declaration};\n}}\n"


CLEAN = {
    "CMakeLists.txt": "foreach(room IN LISTS NACRE_ROOMS)\nendforeach()\n",
    "cmake/rooms.cmake": "# base graph\nset(NACRE_ROOMS\n  base graph store train)\n",
    "src/base/units.h": header("Units.", "#include <string>", "nacre", "int Bytes(char c = '{')"),
    "src/graph/network.h": header("A value.", '#include "base/units.h"', "nacre", "struct Net {}"),
    "src/graph/flow.h": header("Who carries data. Private to graph/.", '#include "graph/network.h"',
                               "nacre::graph_internal", "class Flow {\n  int at() { return 1; }}"),
    "src/graph/flow.cc": '#include "graph/flow.h"\nnamespace nacre {\n'
                         'using namespace graph_internal;\nnamespace {\n'
                         'const char* k = "} // {";\nint One() { return 1; }\n}\n}\n',
    "src/graph/flow_test.cc": '#include "graph/flow.h"\n#include <gtest/gtest.h>\n',
    "tests/graph_flow_test.cc": '#include "graph/flow.h"\n#include "testing/fake.h"\n',
    "src/store/run.h": "#pragma once\nstruct sqlite3;\nnamespace nacre {\nclass Network;\n}\n",
    "src/store/run.cc": '#include <sqlite3.h>\n#include <nlohmann/json.hpp>\n',
    "src/train/trainer.h": header("It trains.", '#include "store/run.h"', "nacre", "void Train()"),
    "testing/fake.h": "#pragma once\n#include <gmock/gmock.h>\n",
    "cli/main.cc": "#include <CLI/CLI.hpp>\nnamespace nacre {\n}\nint main() { return 0; }\n",
    "examples/demo/demo.cc": '#include "train/trainer.h"\n',
}
FLOW, FAKE = '#include "graph/flow.h"', '#include "testing/fake.h"'
# What is planted, in which file, its text (behind the file's own where it begins with +), and what
# must be said of it.
FAULTS = [
    ("an arrow that runs up", "src/base/units.h", '+#include "graph/network.h"',
     "includes graph/network.h, but graph is below base"),
    ("a room without a place", "src/music/a.h", "", "src/music: the folder and its place"),
    ("a place without a room", "cmake/rooms.cmake", "set(NACRE_ROOMS base graph store train zoo)",
     "src/zoo: the folder and its place"),
    ("rooms listed by hand", "CMakeLists.txt", "foreach(room base graph)", "rooms of NACRE_ROOMS"),
    ("a private header in a room", "src/train/a.cc", FLOW, "which is private to graph"),
    ("a private header in cli/", "cli/a.cc", FLOW, "which is private to graph"),
    ("a private header in a bench", "bench/a.cc", FLOW, "which is private to graph"),
    ("a private header in a test", "tests/train_a_test.cc", FLOW, "which is private to graph"),
    ("a private header in testing/", "testing/a.h", FLOW, "which is private to graph"),
    ("a header without its room", "src/graph/a.cc", '#include "flow.h"', "not the name of"),
    ("a private header, public names", "src/graph/a.h",
     header("Private to graph/.", "", "nacre", "struct A {}"),
     "`struct A {` is outside of namespace nacre::graph_internal"),
    ("a header of another room", "src/graph/a.h", "// Private to train/.", "is private to train"),
    ("a private header that mumbles", "src/graph/a.h", "// Internal to this folder.",
     'does not say "Private to graph/."'),
    ("JSON in a header", "src/train/a.h", "#include <nlohmann/json_fwd.hpp>", "has a JSON library"),
    ("torch elsewhere", "examples/demo/a.cc", "#include <torch/torch.h>", "which stays in train"),
    ("SQLite elsewhere", "src/train/a.cc", "#include <sqlite3.h>", "which stays in store"),
    ("libpng elsewhere", "cli/a.cc", "#include <png.h>", "which stays in data"),
    ("CLI11 elsewhere", "src/train/a.cc", "#include <CLI/CLI.hpp>", "which stays in cli"),
    ("testing/ in a room", "src/train/a.cc", FAKE, "which is for tests"),
    ("GoogleTest in cli/", "cli/a.cc", "#include <gtest/gtest.h>", "which is for tests"),
    ("cli/ in a room", "src/train/a.cc", '#include "cli/main.cc"', "but cli is below train"),
    ("cli/ in an example", "examples/demo/a.cc", '#include "cli/main.cc"', "cli is below examples"),
    ("an example in a room", "src/train/a.cc", '#include "examples/demo/demo.cc"',
     "but examples is below train"),
    ("a file of 401 lines", "src/graph/a.cc", "\n" * 400, "401 lines, but a file has at most 400"),
    ("a cycle", "src/graph/network.h", "+" + FLOW,
     "includes itself: graph/flow.h -> graph/network.h -> graph/flow.h"),
    ("a global function", "src/base/a.cc", "int Loose() { return 1; }",
     "line 1: `int Loose() {` is outside of namespace nacre"),
    ("another namespace", "cli/a.h", "\nnamespace tools {\nstruct A {};\n}",
     "line 3: `struct A {` is outside of namespace nacre"),
    ("an anonymous namespace in a header", "src/base/a.h", "namespace {\nint a;\n}",
     "line 2: `int a` is outside of namespace nacre"),
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
    passed = f"arrows: self-test: {len(FAULTS)} planted faults, all caught"
    print("\n".join(missed) or passed)
    return 1 if missed else 0
