#!/usr/bin/env python3
"""Checks that functions and files stay small, and that tests keep up with the code.

Of the functions of src/, cli/ and examples/ the 95th percentile of cyclomatic complexity is at
most 9, and at most 6 % are above 8. No function, of a test neither, has more than 60 lines, and no
file more than 400. There are at least 0.45 lines of tests (*_test.cc, tests/, testing/) to a line
of code. Measured by lizard, which scripts/setup.sh --checks installs.
"""

import argparse
import math
import pathlib
import sys
import tempfile

from sources import ROOT, is_test, sources

sys.path += map(str, ROOT.glob(".deps/venv/lib/python3*/site-packages"))
try:
    import lizard
except ImportError:
    sys.exit("complexity: no lizard: run scripts/setup.sh --checks")

PERCENTILE, MOST_AT_PERCENTILE = 0.95, 9
HIGH, MOST_SHARE_ABOVE = 8, 0.06
MOST_FUNCTION_LINES, MOST_FILE_LINES = 60, 400
LEAST_TESTS_TO_CODE = 0.45


def lines(paths) -> int:
    return sum(path.read_text().count("\n") for path in paths)


def measure(root: pathlib.Path) -> tuple[list[str], list[str]]:
    """The figures of a tree as lines to print, and what is wrong with them."""
    files = list(sources(root, ["src", "cli", "examples", "testing", "tests"]))
    code = [path for path in files if not is_test(path, root)]
    tests = [path for path in files if is_test(path, root)] + list((root / "tests").rglob("*.py"))
    report, wrong, functions = [], [], []
    for path in files:
        where = path.relative_to(root)
        of_file = lizard.analyze_file(str(path)).function_list
        if path in code:
            functions += [(each.cyclomatic_complexity, f"{where}:{each.start_line} {each.name}")
                          for each in of_file]
        wrong += [f"{where}:{each.start_line}: {each.name} has {each.length} lines, "
                  f"more than {MOST_FUNCTION_LINES}"
                  for each in of_file if each.length > MOST_FUNCTION_LINES]
        if lines([path]) > MOST_FILE_LINES:
            wrong.append(f"{where}: {lines([path])} lines, more than {MOST_FILE_LINES}")

    functions.sort()
    at_percentile = functions[math.ceil(PERCENTILE * len(functions)) - 1][0]
    above = sum(complexity > HIGH for complexity, _ in functions)
    share, ratio = above / len(functions), lines(tests) / lines(code)
    report += [f"complexity: {len(functions)} functions, 95th percentile {at_percentile} "
               f"(at most {MOST_AT_PERCENTILE}), {above} = {share:.1%} above {HIGH} "
               f"(at most {MOST_SHARE_ABOVE:.0%}), the worst ten:"]
    report += [f"  {complexity:3} {where}" for complexity, where in functions[:-11:-1]]
    report += [f"complexity: tests : code = {lines(tests)} : {lines(code)} = {ratio:.3f} "
               f"(at least {LEAST_TESTS_TO_CODE})"]
    if at_percentile > MOST_AT_PERCENTILE:
        wrong.append(f"the 95th percentile is {at_percentile}, more than {MOST_AT_PERCENTILE}")
    if share > MOST_SHARE_ABOVE:
        wrong.append(f"{share:.1%} of functions are above {HIGH}, more than {MOST_SHARE_ABOVE:.0%}")
    if ratio < LEAST_TESTS_TO_CODE:
        wrong.append(f"tests : code is {ratio:.3f}, less than {LEAST_TESTS_TO_CODE}")
    return report, wrong


def function(name: str, branches: int, blank: int = 0) -> str:
    """C++ of a function of complexity 1 + branches and 3 + branches + blank lines."""
    body = "  if (a) return 1;\n" * branches + "\n" * blank
    return f"int {name}(int a) {{\n{body}  return 0;\n}}\n"


def self_test() -> int:
    """Twenty functions of which one may be complex, then one fault at a time."""
    easy = "".join(function(f"F{i}", 2) for i in range(19))
    cases = [("", {}), ("", {"src/a/b.cc": function("G", 20)}),
             ("the 95th percentile is 10", {"src/a/b.cc": function("G", 9) + function("H", 9)}),
             ("of functions are above 8", {"src/a/b.cc": function("G", 8) + function("H", 8)}),
             ("G has 61 lines", {"cli/b.cc": function("G", 1, 57)}),
             ("G has 61 lines", {"src/a/b_test.cc": function("G", 1, 57)}),
             ("b_test.cc: 401 lines", {"src/a/b_test.cc": "\n" * 401}),
             ("tests : code is", {"src/a/b.cc": "\n" * 390})]
    missed = []
    for expected, planted in cases:
        with tempfile.TemporaryDirectory() as folder:
            files = {"src/a/a.cc": easy, "tests/a_test.cc": "\n" * 60, **planted}
            for name, text in files.items():
                (pathlib.Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                (pathlib.Path(folder) / name).write_text(text)
            _, wrong = measure(pathlib.Path(folder))
            if expected and not any(expected in each for each in wrong) or not expected and wrong:
                missed.append(f"{expected or 'nothing'}: found {wrong}")
    passed = f"complexity: self-test: {len(cases) - 2} planted faults, all caught"
    print("\n".join(missed) or passed)
    return 1 if missed else 0


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=ROOT, help="another tree")
    parser.add_argument("--self-test", action="store_true", help="plants every fault")
    arguments = parser.parse_args()
    if arguments.self_test:
        return self_test()
    report, wrong = measure(arguments.root.resolve())
    print("\n".join(report + [f"complexity: {each}" for each in wrong]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
