#!/usr/bin/env python3
"""Checks that no line of code or prose is longer than 100 columns.

Covers C++, CMake, Python, shell, make and Markdown. In Markdown a row of a table may have 160
columns and a line of a code block 120, since they cannot be broken; a link does not count.
"""

import argparse
import pathlib
import re
import subprocess
import sys

from sources import ROOT

COLUMNS, CODE_COLUMNS, TABLE_COLUMNS = 100, 120, 160
SUFFIXES = {".h", ".cc", ".py", ".sh", ".cmake", ".md", ".yml"}
NAMES = {"CMakeLists.txt", "CMakePresets.json", "Makefile", "run", ".clang-tidy", ".clang-format"}
LINK = re.compile(r"\]\([^)\s]*\)|https?://\S+")


def covered(root: pathlib.Path):
    """The files of the repository that git knows or would take, as names."""
    command = ["git", "-C", root, "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for name in sorted(listed.splitlines()):
        path = pathlib.Path(name)
        if (path.suffix in SUFFIXES or path.name in NAMES) and (root / name).is_file():
            yield name


def too_long(name: str, text: str):
    """Yields (line number, columns, limit) of each line that passes its limit."""
    markdown, fenced = name.endswith(".md"), False
    for number, line in enumerate(text.splitlines(), 1):
        limit = COLUMNS
        if markdown:
            line = LINK.sub("", line)
            fenced ^= line.lstrip().startswith("```")
            if fenced or line.startswith("    "):
                limit = CODE_COLUMNS
            elif line.startswith("|"):
                limit = TABLE_COLUMNS
        if len(line) > limit:
            yield number, len(line), limit


def self_test() -> int:
    """Lines at their limits pass, and lines of one column more do not."""
    prose, link = "x" * 100, "[a](https://" + "x" * 99 + ")"
    table, code = "|" + "x" * 159, "    " + "x" * 116
    clean = "\n".join([prose, link, table, code, "```", "x" * 120, "```", prose])
    faults = [("a.cc", prose + "x"), ("a.md", prose + "x"), ("a.md", table + "x"),
              ("a.md", code + "x"), ("a.md", "```\n" + "x" * 121), ("a.md", clean + "x"),
              ("a.cc", "    " + prose), ("a.py", "|" + prose)]
    missed = list(too_long("a.md", clean)) + [each for each in faults if not list(too_long(*each))]
    print(f"columns: self-test: {missed or f'{len(faults)} planted faults, all caught'}")
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=ROOT, help="another tree")
    parser.add_argument("--self-test", action="store_true", help="checks lines of known length")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    names, found = list(covered(arguments.root)), 0
    for name in names:
        for number, columns, limit in too_long(name, (arguments.root / name).read_text()):
            print(f"{name}:{number}: {columns} columns, more than {limit}")
            found += 1
    print(f"columns: {found} lines too long in {len(names)} files")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
