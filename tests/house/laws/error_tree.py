"""Laws on errors: the tree drawn in racto.core's errors is the tree of its classes, and the only one."""

from __future__ import annotations

import ast
import builtins
import re
from pathlib import Path

from laws.report import Report
from laws.source import Family, Room, called, rooms

TRUNK = "RactoGatewayError"
BRANCH = re.compile(r"^([ │├└─|`+\-]*)([A-Z]\w+)\b")
_BUILTIN = {
    name
    for name, value in vars(builtins).items()
    if isinstance(value, type) and issubclass(value, BaseException)
}


def drawn(docstring: str) -> dict[str, str]:
    """Return each error of a drawing with its parent; the trunk's parent is empty.

    The drawing is the indented block that begins with the trunk; a deeper line is a child, and
    box-drawing characters count as spaces.
    """
    parents: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    for line in docstring.splitlines():
        found = BRANCH.match(line)
        name = found.group(2) if found else ""
        if not path and name != TRUNK:
            continue
        if not found:
            break
        depth = len(found.group(1))
        while path and path[-1][0] >= depth:
            path.pop()
        parents[name] = path[-1][1] if path else ""
        path.append((depth, name))
    return parents


def real(found: list[Room]) -> dict[str, str]:
    """Return each error class of these rooms that grows on the trunk, with its parent."""
    classes = [n for r in found for n in ast.walk(r.tree) if isinstance(n, ast.ClassDef)]
    parents = {TRUNK: ""}
    grown = -1
    while grown != len(parents):
        grown = len(parents)
        for node in classes:
            on_tree = [called(base) for base in node.bases if called(base) in parents]
            if on_tree and node.name not in parents:
                parents[node.name] = on_tree[0]
    return parents


def true_drawing(root: Path) -> Report:
    """The drawing in the docstring of racto.core's errors shows its classes, all and no others."""
    report = Report()
    core = [room for room in rooms(root) if room.owner.name == "racto-core"]
    public = [room for room in core if not room.module.startswith("racto.core.testing")]
    home = [room for room in core if room.module == "racto.core.errors"]
    shown = drawn(ast.get_docstring(home[0].tree) or "") if home else {}
    grown = real(public)
    report.seen = len(shown)
    for name in sorted(grown.keys() - shown.keys()):
        report.add("racto.core.errors", f"{name} is missing in the drawing")
    for name in sorted(shown.keys() - grown.keys()):
        report.add("racto.core.errors", f"{name} is drawn and does not exist")
    for name in sorted(shown.keys() & grown.keys()):
        if shown[name] != grown[name]:
            message = f"{name} is drawn below {shown[name]!r} and grows on {grown[name]!r}"
            report.add("racto.core.errors", message)
    return report


def one_tree(root: Path) -> Report:
    """Every exception that a distribution defines grows on the one tree."""
    report = Report()
    found = rooms(root)
    family = Family.of(found)
    for room in found:
        for node in ast.walk(room.tree):
            if not isinstance(node, ast.ClassDef):
                continue
            bases = family.base_names(node)
            is_error = bool(bases & _BUILTIN) and not bases & {"Warning", "UserWarning"}
            if is_error:
                report.seen += 1
                lineage = {entry.name for entry in family.lineage(node)}
                # A private signal that never leaves its room is no error of the library.
                if TRUNK not in lineage and not node.name.startswith("_"):
                    where = f"{room.where}:{node.lineno} {node.name}"
                    report.add(where, f"is an exception and does not derive from {TRUNK}")
    return report
