#!/usr/bin/env python3
"""Runs clang-tidy with the short list of .clang-tidy over src/, cli/ and examples/.

Tests are left out, and so is train/, whose torch headers take several times as long as all else
(--train adds it). A file that passed is not looked at again until its text, a header of this
repository that it includes, its flags, the list or clang-tidy itself changes: BUILD/tidy/ keeps a
stamp for each. BUILD is any configured build folder: clang gets its -I, -D and -std alone.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

from sources import ROOT, is_test, room_of

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.M)


def clang_flags(command: str) -> list[str]:
    """What clang must know of a command for g++: folders of headers, definitions, the language."""
    words, kept = iter(shlex.split(command)), []
    for word in words:
        if word in {"-I", "-isystem", "-D"}:
            kept += [word, next(words)]
        elif word.startswith(("-I", "-D", "-std=")):
            kept.append(word)
    return kept


def read_set(path: pathlib.Path, flags: list[str]) -> list[pathlib.Path]:
    """A source and all headers that it reads by quotes, in the order of reading."""
    folders = [pathlib.Path(flag[2:]) for flag in flags if flag.startswith("-I") and flag != "-I"]
    seen, waiting = [], [path]
    while waiting:
        at = waiting.pop()
        if at not in seen:
            seen.append(at)
            for name in INCLUDE.findall(at.read_text()):
                places = (folder / name for folder in [at.parent, *folders])
                waiting += [found for found in places if found.is_file()][:1]
    return seen


class Tidy:
    """clang-tidy over the files of one build folder; it can be asked from several threads."""

    def __init__(self, root: pathlib.Path, build: pathlib.Path, program: str):
        self.root, self.stamps, self.program = root, build / "tidy", program
        version = subprocess.run([program, "--version"], check=True, capture_output=True).stdout
        self.common = version + (root / ".clang-tidy").read_bytes()
        commands = json.loads((build / "compile_commands.json").read_text())
        self.flags = {pathlib.Path(each["file"]): clang_flags(each["command"]) for each in commands}

    def files(self, train: bool) -> list[pathlib.Path]:
        wanted = []
        for folder in ("src", "cli", "examples"):
            wanted += [path for path in self.flags if path.is_relative_to(self.root / folder)
                       and not is_test(path, self.root)
                       and (train or room_of(path, self.root) != "train")]
        return sorted(wanted)

    def key(self, path: pathlib.Path) -> str:
        flags = self.flags[path]
        text = hashlib.sha256(self.common + " ".join(flags).replace(str(self.root), "").encode())
        for each in read_set(path, flags):
            text.update(each.read_bytes())
        return text.hexdigest()

    def check(self, path: pathlib.Path) -> str | None:
        """What clang-tidy says: nothing when the file is fine, None when it was fine before."""
        stamp = self.stamps / path.relative_to(self.root).with_suffix(".key")
        key = self.key(path)
        if stamp.exists() and stamp.read_text() == key:
            return None
        command = [self.program, "--quiet", str(path), "--", *self.flags[path]]
        done = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
        if done.returncode:
            return (done.stdout or done.stderr).replace(str(self.root) + "/", "")
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.write_text(key)
        return ""


def run(tidy: Tidy, files: list[pathlib.Path], jobs: int) -> int:
    began, bad, fresh = time.monotonic(), 0, 0
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for said in pool.map(tidy.check, files):
            fresh += said is not None
            bad += bool(said)
            if said:
                print(said, flush=True)
    print(f"tidy: {bad} of {len(files)} files have findings; {fresh} were looked at, "
          f"{len(files) - fresh} had passed before; {time.monotonic() - began:.0f} s")
    return 1 if bad else 0


def self_test(program: str) -> int:
    """A use after a move is found each time; a clean file is looked at again for a new header."""
    moved = ("#include <string>\n#include <utility>\nvoid Eat(std::string);\n"
             "auto F(std::string a) {\n  Eat(std::move(a));\n  return a.size();\n}\n")
    files = {"a/a.h": "struct A {};\n", "a/a.cc": '#include "a/a.h"\n', "a/b.cc": moved}
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        (root / "src/a").mkdir(parents=True)
        (root / ".clang-tidy").write_bytes((ROOT / ".clang-tidy").read_bytes())
        for name, text in files.items():
            (root / "src" / name).write_text(text)
        command = f"g++ -fpch-preprocess -std=c++20 -I{root}/src"
        database = [{"file": str(root / "src/a" / name), "command": command}
                    for name in ("a.cc", "b.cc")]
        (root / "compile_commands.json").write_text(json.dumps(database))
        tidy = Tidy(root, root, program)
        clean, faulty = tidy.files(train=False)
        seen = [tidy.check(clean), tidy.check(clean)]
        (root / "src/a/a.h").write_text("struct A { int a; };\n")
        seen.append(tidy.check(clean))
        said = [tidy.check(faulty), tidy.check(faulty)]
    found = all("bugprone-use-after-move" in (each or "") for each in said)
    passed = found and seen == ["", None, ""]
    print(f"tidy: self-test: {'the fault is found twice' if passed else f'failed: {seen} {said}'}")
    return 0 if passed else 1


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", type=pathlib.Path, default=ROOT / "build-sanitizers")
    parser.add_argument("--jobs", "-j", type=int, default=2)
    parser.add_argument("--train", action="store_true", help="looks at src/train/, too")
    parser.add_argument("--only", default="", metavar="TEXT", help="looks only at paths with TEXT")
    parser.add_argument("--program", default="clang-tidy-16")
    parser.add_argument("--self-test", action="store_true", help="plants a fault, looks for it")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test(arguments.program)
    tidy = Tidy(ROOT, arguments.build.resolve(), arguments.program)
    files = [path for path in tidy.files(arguments.train) if arguments.only in str(path)]
    return run(tidy, files, arguments.jobs)


if __name__ == "__main__":
    sys.exit(main())
