"""Laws on measure: how long a file and a function may be, and how much of the code is comment."""

from __future__ import annotations

import ast
import io
import statistics
import tokenize
from collections import defaultdict
from pathlib import Path

from laws.report import Report
from laws.source import Function, Room, rooms

LONGEST_FILE = 400
MEDIAN_FILE = 150
LONG_FUNCTION = 30
COMMENTS = (0.03, 0.08)
# Below this many lines of code a share of comments says nothing.
ENOUGH_CODE = 60
DIRECTIVES = ("type:", "noqa", "pragma", "pyright:", "mypy:", "fmt:", "ruff:")


def _by_owner(root: Path) -> dict[str, list[Room]]:
    grouped: dict[str, list[Room]] = defaultdict(list)
    for room in rooms(root):
        grouped[room.owner.name].append(room)
    return grouped


def short_files(root: Path) -> Report:
    """Half of a distribution's files have at most 150 lines, and none has more than 400."""
    report = Report()
    for owner, found in _by_owner(root).items():
        lengths = {room.where: len(room.text.splitlines()) for room in found}
        report.seen += len(lengths)
        for where, lines in lengths.items():
            if lines > LONGEST_FILE:
                report.add(where, f"has {lines} lines, and may have {LONGEST_FILE}")
        if (median := statistics.median(lengths.values())) > MEDIAN_FILE:
            report.add(owner, f"has files of {median:.0f} lines in the median")
    return report


def function_lengths(room: Room) -> dict[str, int]:
    """Return the number of lines of each function of a room, from ``def`` to its end."""
    found = (node for node in ast.walk(room.tree) if isinstance(node, Function))
    return {
        f"{room.where}:{node.lineno} {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for node in found
    }


def short_functions(root: Path) -> Report:
    """Nine of ten functions of a distribution have at most 30 lines, docstring included."""
    report = Report()
    for owner, found in _by_owner(root).items():
        lengths = {key: n for room in found for key, n in function_lengths(room).items()}
        report.seen += len(lengths)
        long = {key: n for key, n in lengths.items() if n > LONG_FUNCTION}
        if len(long) > len(lengths) / 10:
            worst = sorted(long.items(), key=lambda item: -item[1])[:8]
            listing = "; ".join(f"{key} ({n})" for key, n in worst)
            report.add(owner, f"{len(long)} of {len(lengths)} functions are long: {listing}")
    return report


def comment_share(found: list[Room]) -> tuple[int, int]:
    """Return how many comments and how many lines of code these rooms have.

    Docstrings and blank lines are neither; directives to tools are no comments.
    """
    comments, code = 0, 0
    for room in found:
        documented = _docstring_lines(room.tree)
        lines: set[int] = set()
        for token in tokenize.generate_tokens(io.StringIO(room.text).readline):
            if token.type == tokenize.COMMENT:
                comments += not token.string.lstrip("# ").startswith(DIRECTIVES)
            elif token.type not in _LAYOUT:
                lines.update(range(token.start[0], token.end[0] + 1))
        code += len(lines - documented)
    return comments, code


_LAYOUT = {
    tokenize.NEWLINE,
    tokenize.NL,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
    tokenize.ENCODING,
}


def _docstring_lines(tree: ast.Module) -> set[int]:
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return found


def comment_budget(root: Path) -> Report:
    """Comments are three to eight per cent of a distribution's lines of code."""
    report = Report()
    low, high = COMMENTS
    for owner, found in _by_owner(root).items():
        comments, code = comment_share(found)
        report.seen += len(found)
        if code >= ENOUGH_CODE and not low <= comments / code <= high:
            message = f"has {comments} comments in {code} lines of code ({comments / code:.1%})"
            report.add(owner, f"{message}, and should have 3 to 8 %")
    return report
