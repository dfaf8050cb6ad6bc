"""One pass over a statement's tree: each node's class is allowed, and its details are harmless."""

from __future__ import annotations

from typing import NoReturn

from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError

from .calls import Names
from .details import DETAILS, Finding
from .dialects import DialectRules
from .nodes import ALLOWED, REFUSED_RULES, ROOTS
from .refusals import offset_of, refuse


class Inspection:
    """Inspects the tree of one statement.

    Args:
        rules: The database's part of the rules.
        sql: The statement, for the place of what is refused.
    """

    def __init__(self, rules: DialectRules, sql: str) -> None:
        self._rules = rules
        self._sql = sql

    def inspect(self, root: exp.Expr) -> Names:
        """The names in the tree.

        Args:
            root: The statement.

        Raises:
            ReadOnlyViolationError: It holds what a reading statement does not.
        """
        if root.__class__ not in ROOTS:
            why = "only SELECT, WITH, VALUES and their unions may run"
            self.refuse(root, Finding(rule="statement", why=why))
        names = Names()
        rules = self._rules
        # A stack of our own: a chain of a thousand OR is deeper than Python may recurse.
        stack = [root]
        while stack:
            node = stack.pop()
            kind = node.__class__
            detail = DETAILS.get(kind)
            finding = detail(node, rules, names) if detail is not None else None
            if finding is not None:
                self.refuse(node, finding)
            # A parameter is on no list; where it passes, its detail has said so.
            if kind not in ALLOWED and not (detail is not None and kind is exp.Parameter):
                self.refuse(node, _why_not(kind))
            for value in node.args.values():
                if value.__class__ is list:
                    stack.extend([item for item in value if isinstance(item, exp.Expr)])
                elif isinstance(value, exp.Expr):
                    stack.append(value)
        return names

    def refuse(self, node: exp.Expr, finding: Finding) -> NoReturn:
        """Refuse a node, shown as its dialect writes it."""
        try:
            part = node.sql(self._rules.parser, unsupported_level=ErrorLevel.IGNORE)
        except (SqlglotError, AttributeError, TypeError, ValueError, RecursionError):
            # A node that its own dialect cannot write is named by its kind.
            part = type(node).__name__
        refuse(self._sql, rule=finding.rule, part=part, why=finding.why, offset=offset_of(node))


def _why_not(kind: type) -> Finding:
    """The rule and the reason for a class that is not allowed."""
    for known, (rule, why) in REFUSED_RULES.items():
        if issubclass(kind, known):
            return Finding(rule=rule, why=why)
    if issubclass(kind, exp.Func):
        return Finding(rule="function", why="the function does more than compute")
    return Finding(rule="syntax", why=f"{kind.__name__} is not part of a reading statement")
