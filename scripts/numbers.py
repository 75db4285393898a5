#!/usr/bin/env python3
"""Prints the list of docs/numbers-in-force.md from the headers that hold the tuned numbers.

    scripts/numbers.py            print the list
    scripts/numbers.py --write    put it into the page
    scripts/numbers.py --check    fail when the page holds another one
"""

import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "numbers-in-force.md"
HEADERS = ["src/forecast/priors.h", "src/forecast/priors/*.h", "src/engine/shares.h"]
BEGIN, END = "<!-- scripts/numbers.py writes from here -->\n", "<!-- to here -->\n"
FIELDS = ["name", "value", "meaning", "source", "data", "date"]
STRING = r'"(?:[^"\\]|\\.)*"'
ENTRY = re.compile(r'inline constexpr (?:Number|std::array<double, \d+>) (\w+)\s*=?\s*'
                   r'\{((?:%s|[^{}"])*)\};' % STRING)


def read_fields(body: str) -> dict:
    """Of one entry, given by place or by `.name = `; strings may be in several pieces."""
    parts, text = re.findall(r'(?:%s|[^,"])+' % STRING, body), {}
    for place, part in enumerate(part.strip() for part in parts if part.strip()):
        named = re.match(r"\.(\w+)\s*=\s*(.*)", part, re.S)
        key, value = named.groups() if named else (FIELDS[place], part)
        pieces = re.findall(STRING, value)
        text[key] = "".join(piece[1:-1] for piece in pieces) if pieces else value.strip()
    return text


def evaluate(expression: str) -> str:
    if not re.fullmatch(r"[\d.eE+\-*/() \n]+", expression):
        raise SystemExit(f"numbers: '{expression}' is not an expression of plain numbers")
    return f"{eval(expression.strip(), {'__builtins__': {}}):.10g}"  # digits and signs only


def items_of(path: pathlib.Path):
    code = re.sub(r"//.*", "", path.read_text())
    if len(ENTRY.findall(code)) != len(re.findall(r"inline constexpr \S", code)):
        raise SystemExit(f"numbers: an entry of {path} cannot be read")
    for name, body in ENTRY.findall(code):
        if '"' not in body:  # an array of plain values
            yield f"- `{name}` = **{', '.join(evaluate(part) for part in body.split(','))}**"
            continue
        it = read_fields(body)
        yield (f"- `{it['name']}` = **{evaluate(it['value'])}**: {it['meaning'].rstrip('.')}. "
               f"*Source: {it['source']}; data: {it['data']}; {it['date']}.*")


def listing() -> str:
    text = ""
    for path in (path for pattern in HEADERS for path in sorted(ROOT.glob(pattern))):
        items = [textwrap.fill(item, 100, subsequent_indent="  ", break_long_words=False,
                               break_on_hyphens=False) for item in items_of(path)]
        text += "".join([f"\n### `{path.relative_to(ROOT)}`\n"] * bool(items)
                        + [item + "\n" for item in items])
    return text


def main():
    wanted, (before, rest) = listing(), PAGE.read_text().split(BEGIN)
    held, after = rest.split(END)
    if "--write" in sys.argv:
        PAGE.write_text(before + BEGIN + wanted + END + after)
    elif "--check" not in sys.argv:
        print(wanted, end="")
    elif held != wanted:
        print("numbers: docs/numbers-in-force.md is out of date: run scripts/numbers.py --write")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
