"""The tree of the one statement, parsed in the database's dialect, and silence while it is made."""

from __future__ import annotations

import logging
from contextvars import ContextVar

from sqlglot import Dialect, exp
from sqlglot.errors import ErrorLevel, SqlglotError

from .dialects import DialectRules
from .lexing import Lexed
from .refusals import refuse

_parsing: ContextVar[bool] = ContextVar("racto_guard_parsing", default=False)


class _QuietFilter(logging.Filter):
    """Drops what the parser logs about statements of the guard: it would quote them."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record may pass: all but those of a parse that the guard began."""
        return not _parsing.get()


# On the parser's own logger, and only while the guard parses in this thread or task.
logging.getLogger("sqlglot").addFilter(_QuietFilter())


class StatementParser:
    """Parses one statement.

    Args:
        rules: The database's part of the rules.
    """

    def __init__(self, rules: DialectRules) -> None:
        self._rules = rules
        self._dialect = Dialect.get_or_raise(rules.parser)

    def parse(self, sql: str, lexed: Lexed) -> exp.Expr:
        """The tree of a statement.

        Args:
            sql: The statement.
            lexed: Its tokens.

        Raises:
            ReadOnlyViolationError: It is not understood, or is more than one statement.
        """
        token = _parsing.set(True)
        try:
            trees = self._dialect.parser(error_level=ErrorLevel.IMMEDIATE).parse(lexed.tokens, sql)
        except SqlglotError as error:
            self._refuse(sql, error)
        except RecursionError:
            refuse(sql, rule="depth", part=sql, why="its parts stand in one another too deep")
        except Exception:
            # Where a half is missing the compiled parser raises what its pure form would refuse.
            refuse(sql, rule="syntax", part=sql, why=f"it is not understood as {self._rules.name}")
        finally:
            _parsing.reset(token)
        tree = trees[0] if len(trees) == 1 else None
        if tree is None:
            refuse(sql, rule="statements", part=sql, why="only one statement may run")
        return tree

    def _refuse(self, sql: str, error: SqlglotError) -> None:
        """Refuse what the parser does not understand, where it stopped."""
        details = getattr(error, "errors", None) or [{}]
        what = str(details[0].get("description") or "unexpected words").rstrip(".")
        part = str(details[0].get("highlight") or sql)
        line, column = int(details[0].get("line") or 0), int(details[0].get("col") or 0)
        offset = -1
        if line:
            # The parser counts to the end of the word at which it stopped.
            start = sum(len(row) + 1 for row in sql.split("\n")[: line - 1])
            offset = max(start + column - max(len(part), 1), 0)
        why = f"it is not understood as {self._rules.name}: {what}"
        refuse(sql, rule="syntax", part=part, why=why, offset=offset)
