"""Laws on documentation: what is public says what it promises, in the Google style."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from laws.report import Report
from laws.source import Function, decorators, is_overload, public, rooms

SHORTEST_PROMISE = 10
ENDINGS = (".", "?", "!", ":", "::", "…")
NOT_GOOGLE = re.compile(r"^\s*(?::param|:return|:rtype|Parameters\n\s*-{3})", re.MULTILINE)
SECTION = re.compile(r"^(\w[\w ]*):$")
ARGUMENT = re.compile(r"^ {4}\*{0,2}(\w+)(?: \([^)]*\))?:")


def first_line_promises(root: Path) -> Report:
    """Every file's docstring opens with one sentence on one line that says what it promises."""
    report = Report()
    for room in rooms(root):
        report.seen += 1
        text = ast.get_docstring(room.tree) or ""
        if problem := _promise_problem(text):
            report.add(room.where, problem)
    return report


def _promise_problem(text: str) -> str:
    lines = text.splitlines() or [""]
    if len(lines[0].strip(" .")) < SHORTEST_PROMISE:
        return "has no docstring that says what it promises"
    if len(lines) > 1 and lines[1].strip():
        return "has a docstring whose first sentence runs over its first line"
    if not lines[0].rstrip().endswith(ENDINGS):
        return "has a docstring whose first line does not end a sentence"
    return ""


def everything_documented(root: Path) -> Report:
    """Each public class, function and method has a docstring with a first line that ends."""
    report = Report()
    for room in rooms(root):
        for found in public(room):
            if isinstance(found.node, Function) and is_overload(found.node):
                continue
            if decorators(found.node) & {"override"}:
                continue
            report.seen += 1
            text = ast.get_docstring(found.node) or ""
            if problem := _promise_problem(text):
                report.add(found.where, problem)
    return report


def google_style(root: Path) -> Report:
    """A docstring's ``Args`` name parameters that exist, and no other dialect is used."""
    report = Report()
    for room in rooms(root):
        for found in public(room):
            text = ast.get_docstring(found.node) or ""
            report.seen += 1
            if NOT_GOOGLE.search(text):
                report.add(found.where, "documents its parameters in another style than Google's")
            allowed = _allowed_names(found.node)
            for name in described(text):
                if allowed is not None and name not in allowed:
                    report.add(found.where, f"describes {name!r}, which it does not take")
    return report


def _allowed_names(node: Function | ast.ClassDef) -> set[str] | None:
    """Return the parameters a docstring may describe; None where they cannot be known."""
    if isinstance(node, ast.ClassDef):
        own = [n for n in node.body if isinstance(n, Function) and n.name == "__init__"]
        if not own:
            return None
        node = own[0]
    spec = node.args
    everything = [*spec.posonlyargs, *spec.args, *spec.kwonlyargs, spec.vararg, spec.kwarg]
    return {entry.arg for entry in everything if entry}


def described(text: str) -> list[str]:
    """Return the names that a docstring's ``Args`` section describes."""
    names: list[str] = []
    inside = False
    for line in text.splitlines():
        if found := SECTION.match(line):
            inside = found.group(1) == "Args"
        # Deeper lines go on with the description of the argument above.
        elif inside and (argument := ARGUMENT.match(line)):
            names.append(argument.group(1))
    return names
