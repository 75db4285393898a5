"""Reads C++ no deeper than its namespaces: which declarations stand in which of them."""

import re

# What a reader of namespaces must not see: comments, strings, characters, preprocessor lines.
HIDDEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])+\''
    r'|^[ \t]*#(?:[^\n\\]|\\.)*', re.S | re.M)
NAMESPACE = re.compile(r"(?:inline\s+)?namespace\b\s*([\w:\s]*)$")
FORWARD = re.compile(r"(template\s*<.*>\s*)?(class|struct|enum(\s+class)?)\s+\w+(\s*:\s*\w+)?$", re.S)


def _blank(match: re.Match) -> str:
    """The same number of lines, and a string where there was one."""
    return ('""' if match[0][0] in 'R"' else " ") + "\n" * match[0].count("\n")


def declarations(text: str):
    """Yields (line, namespace, declaration, up to the { of its body) of all that no class or function encloses.

    The namespace is written `nacre::graph_internal`, and an anonymous one `nacre::{}`.
    """
    text = HIDDEN.sub(_blank, text)
    namespaces, depth, statement, line, began = [], 0, "", 1, 1
    for token in re.findall(r"[{};\n]|[^{};\n]+", text):
        if token == "\n":
            line += 1
            statement += " "
        elif token == "{":
            opened = NAMESPACE.match(statement.strip()) if depth == 0 else None
            if opened:
                namespaces.append(opened[1].strip() or "{}")
            else:
                if depth == 0 and statement.strip():
                    yield began, "::".join(namespaces), " ".join(statement.split()) + " {"
                depth += 1
            statement = ""
        elif token == "}":
            if depth:
                depth -= 1
            elif namespaces:
                namespaces.pop()
            statement = ""
        elif token == ";":
            if depth == 0 and statement.strip():
                yield began, "::".join(namespaces), " ".join(statement.split())
            statement = ""
        else:
            if not statement.strip():
                began = line
            statement += token
