"""How a refusal is worded: the part, the rule, the reason, and the place in the statement."""

from __future__ import annotations

from typing import NoReturn

from sqlglot import exp

from racto.pipelines.errors import ReadOnlyViolationError

_LONGEST_PART = 80


def place(sql: str, offset: int) -> tuple[int, int]:
    """Line and column of an offset, both counted from 1; zeros for a negative offset."""
    if offset < 0:
        return 0, 0
    return sql.count("\n", 0, offset) + 1, offset - sql.rfind("\n", 0, offset)


def refuse(sql: str, *, rule: str, part: str, why: str, offset: int = -1) -> NoReturn:
    """Raise the error for a part of a statement.

    Args:
        sql: The whole statement, from which the place is counted.
        rule: The short name of the rule.
        part: The piece that is refused, as it is written; long ones are cut.
        why: The reason, as the second half of a sentence.
        offset: Where the part begins; negative when it has no place of its own.

    Raises:
        ReadOnlyViolationError: Always.
    """
    line, column = place(sql, offset)
    shown = " ".join(part.split())
    if len(shown) > _LONGEST_PART:
        shown = shown[: _LONGEST_PART - 3] + "..."
    where = f" (line {line}, column {column})" if line else ""
    raise ReadOnlyViolationError(
        f"{shown!r} is not allowed{where}: {why}", part=shown, rule=rule, line=line, column=column
    )


def offset_of(node: exp.Expr) -> int:
    """Where a node begins in the statement, or -1: the parser marks names, so the first counts."""
    stack, seen = [node], 0
    while stack and seen < 50:
        current = stack.pop()
        seen += 1
        start = current.meta.get("start") if current.meta else None
        if isinstance(start, int):
            return start
        stack.extend(reversed(list(current.iter_expressions())))
    return -1
