"""Write all error sentences of the code, with what to do, into docs/troubleshooting.md.

They are read from the source, so that none is forgotten; a test holds the page against it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "troubleshooting.md"
BEGIN, END = "<!-- sentences: python scripts/error_sentences.py -->\n", "<!-- end of the sentences -->\n"
GAP = "..."


def sentences(source: Path) -> Iterator[str]:
    """The sentences that a program refuses something with, what varies in them as ``...``."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and _refuses(node.func):
            yield " ".join(_text(node.args[0]).split())
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_SENTENCES":  # what the machine lacks
            yield from (_text(value) for value in node.value.values)


def section() -> str:
    """All sentences, one table for each area of the library."""
    lines: list[str] = []
    for area, found in _by_area().items():
        lines += [f"### {area}", "", "| it says | what to do |", "|---|---|"]
        lines += [f"| {_cell(said)} | {_cell(cure)} |" for said, cure in sorted(map(split, found))] + [""]
    return "\n".join(lines)


def split(sentence: str) -> tuple[str, str]:
    """What was found, and the cure: what stands behind the last semicolon, or what the program fills in."""
    said, _, cure = sentence.rpartition("; " if "; " in sentence else ", or ")
    if said and cure != GAP:
        return said, cure
    return sentence, "what the message says at its end" if sentence.endswith((GAP, GAP + ")")) else ""


def _by_area() -> dict[str, set[str]]:
    areas: dict[str, set[str]] = {}
    for source in sorted((ROOT / "src" / "tinyinspect").rglob("*.py")):
        area = source.relative_to(ROOT / "src" / "tinyinspect").parts[0].removesuffix(".py")
        found = {one for one in sentences(source) if one.strip(f"{GAP} ,:;()")}  # not what is passed on as it is
        if found:
            areas.setdefault(area, set()).update(found)
    return areas


def _refuses(function: ast.expr) -> bool:
    return ast.unparse(function) == "InputError" or ast.unparse(function).endswith("faults.append")


def _text(node: ast.expr) -> str:
    match node:
        case ast.Constant():
            return str(node.value)
        case ast.JoinedStr():
            return "".join(str(one.value) if isinstance(one, ast.Constant) else GAP for one in node.values)
        case ast.BinOp():
            return _text(node.left) + _text(node.right)
    return GAP


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("{place}", GAP)


def page(text: str) -> str:
    """The page with its sentences as they are in the source."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{section()}\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
