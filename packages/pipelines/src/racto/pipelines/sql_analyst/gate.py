"""The gate between a model's SQL and the database: guard, policy and masks in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass

from racto.pipelines.errors import QueryError, ReadOnlyViolationError

from .database import AccessPolicy, DatabaseSchema
from .guard import ANY_COLUMN, ReadOnlySQLGuard, TableSchema
from .views import through_views

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
_WORD = re.compile(r"\w+")
# MySQL puts the number of the error first.
_CODE = re.compile(r"^\W*\d{3,5}\b")
_WITHHELD = (
    "the database could not compute this statement; what it says may quote a masked value and is "
    "withheld. Check names, types and conversions, and leave masked columns as they are"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A statement that may run.

    Attributes:
        sql: The text to send.
        masked: Positions of result columns, from 0, whose values must be masked.
    """

    sql: str
    masked: tuple[int, ...] = ()


class Gate:
    """Lets statements through that the guard passes and the policy allows.

    Args:
        schema: The tables that the policy shows, and what the guard must know of the others.
        policy: What may be read, and what comes back masked.
    """

    def __init__(self, schema: DatabaseSchema, policy: AccessPolicy) -> None:
        known = _known(schema)
        policy = self._policy = through_views(policy, schema, known)
        self._guard = ReadOnlySQLGuard(
            schema.dialect,
            allowed_tables=policy.allowed_tables,
            blocked_columns=policy.blocked_columns or None,
            schema=known,
        )
        self._is_open = not (policy.mask_columns or policy.blocked_columns)
        names = (name for table, shape in known.items() for name in (table, *shape.columns))
        self._names = {word.lower() for name in names for word in _WORD.findall(name)}

    def admit(self, sql: str) -> Admission:
        """Check one statement.

        Raises:
            ReadOnlyViolationError: If it may not run; says which part and why.
        """
        verdict = self._guard.inspect(sql)
        if self._policy.mask_columns and any(o.column == ANY_COLUMN for o in verdict.origins):
            # What may be any column may be a masked one.
            raise ReadOnlyViolationError(
                "it cannot be told which columns this statement reads, and some are masked; name "
                "the columns",
                part="*",
                rule="mask",
            )
        return Admission(sql=verdict.sql, masked=self._policy.enforce(verdict))

    def hushed(
        self, error: QueryError | ReadOnlyViolationError, admission: Admission
    ) -> QueryError | ReadOnlyViolationError:
        """A database's error without values that the policy hides.

        Databases quote the value that they could not convert, which would carry a masked one past
        its mask: into the next prompt, the audit record, the error. Where columns are masked, a
        message is kept only if all that it quotes are names, or stand in the statement.

        Args:
            error: What the database said.
            admission: The statement.
        """
        if self._is_open:
            return error
        words = {word.lower() for word in _WORD.findall(admission.sql)}
        if self._policy.mask_columns:
            # Details and context stand on further lines, and quote rows.
            line = error.message.partition("\n")[0]
            told = not admission.masked and self._quotes_nothing(line, words)
            quiet = line if told else _WITHHELD
        else:
            quiet = _QUOTED.sub(
                lambda found: (
                    found.group()
                    if words.issuperset(_WORD.findall(found.group().lower()))
                    else "'...'"
                ),
                error.message,
            )
        if isinstance(error, ReadOnlyViolationError):
            return ReadOnlyViolationError(quiet, rule=error.rule)
        return type(error)(quiet, retryable=error.retryable)

    def _quotes_nothing(self, line: str, words: set[str]) -> bool:
        """Whether a message holds no number and no quoted word but those of statement and schema."""
        known = words | self._names
        rest = _QUOTED.sub(" ", line)
        quoted = " ".join(_QUOTED.findall(line)).lower()
        # A quote that is left over belongs to a value with quotes inside.
        if "'" in rest or '"' in rest or not known.issuperset(_WORD.findall(quoted)):
            return False
        numbers = (word for word in _WORD.findall(_CODE.sub(" ", rest)) if word.isdigit())
        return known.issuperset(numbers)


def _known(schema: DatabaseSchema) -> dict[str, TableSchema]:
    views = schema.view_definitions()
    known = {
        table.full_name: TableSchema(
            columns=(
                *(column.name for column in table.columns),
                # Hidden from the model, and not from the guard: a star brings them too.
                *schema.hidden_columns.get(table.full_name, ()),
            ),
            definition=views.get(table.full_name, ""),
        )
        for table in schema.tables
    }
    for name, definition in views.items():
        known.setdefault(name, TableSchema(definition=definition))
    return known
