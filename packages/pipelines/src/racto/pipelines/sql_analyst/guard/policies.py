"""Which tables a statement may name, and which columns it may read in no way at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlglot import exp

from racto.core.errors import ConfigurationError

from .dialects import DialectRules
from .folding import exact, fold
from .verdicts import ANY_COLUMN, ColumnOrigin

BlockedColumns = Iterable[str] | Mapping[str, Iterable[str]]


def split_name(name: str) -> tuple[str, ...]:
    """The parts of a dotted name, without quotes.

    Args:
        name: For example ``"orders"``, ``"public.orders"`` or ``'"My Schema".orders'``.

    Raises:
        ConfigurationError: The name or one of its parts is empty.
    """
    parts: list[str] = []
    rest = name.strip()
    while rest:
        closing = {'"': '"', "`": "`", "[": "]"}.get(rest[0])
        if closing and (end := rest.find(closing, 1)) > 0:
            part, rest = rest[1:end], rest[end + 1 :]
            rest = rest[1:] if rest.startswith(".") else rest
        else:
            part, _, rest = rest.partition(".")
        parts.append(part.strip())
    if not parts or not all(parts):
        raise ConfigurationError(f"{name!r} is not the name of a table or a column")
    return tuple(parts)


class TablePolicy:
    """The tables that may be named, or all when there is no list.

    Args:
        allowed: Their names; None allows every table that is not of the catalogue.
        rules: The database's part of the rules.
    """

    def __init__(self, allowed: Iterable[str] | None, *, rules: DialectRules) -> None:
        self._rules = rules
        self._entries: dict[str, list[tuple[str, ...]]] | None = None
        if allowed is not None:
            if isinstance(allowed, str):
                raise ConfigurationError("allowed_tables is a list of names, not one name")
            self._entries = {}
            for name in allowed:
                parts = split_name(name)
                self._entries.setdefault(fold(parts[-1]), []).append(parts)

    @property
    def limited(self) -> bool:
        """There is a list."""
        return self._entries is not None

    def allows(self, parts: list[exp.Expr]) -> bool:
        """Whether a table may be named.

        Args:
            parts: The identifiers of its name, the table last.
        """
        if self._entries is None:
            return True
        entries = self._entries.get(fold(str(parts[-1].this)), ())
        return any(self._matches(entry, parts) for entry in entries)

    def _matches(self, entry: tuple[str, ...], parts: list[exp.Expr]) -> bool:
        """Whether a name means the table of an entry."""
        pairs = zip(reversed(entry), reversed(parts), strict=False)
        if not all(self._same(name, part) for name, part in pairs):
            return False
        # Entries and names are compared from the table backwards, as far as both go.
        defaults = self._rules.default_schemas
        if len(parts) > len(entry):
            # The entry leaves the schema open: then it means the default one and no other.
            extra = [fold(str(part.this)) for part in parts[: len(parts) - len(entry)]]
            return len(entry) == 1 and len(extra) == 1 and extra[0] in defaults
        if len(parts) == 1 and len(entry) > 1:
            return fold(entry[-2]) in defaults
        return True

    def _same(self, name: str, part: exp.Expr) -> bool:
        """Whether a part of an entry and a part of a name are the same name."""
        text = str(part.this)
        if not part.args.get("quoted") or self._rules.folding == "any":
            return name.casefold() == text.casefold()
        # Behind quotes the case counts; an entry in the database's own case is meant as such.
        return name == text or exact(exp.Identifier(this=name, quoted=False), self._rules) == text


class ColumnPolicy:
    """The columns that may not be read: not shown, compared, sorted by, counted or joined on.

    Args:
        blocked: Their names: ``"ssn"`` in whatever table, ``"users.ssn"``, ``"users.*"``, or a
            mapping from a table to its columns.
    """

    def __init__(self, blocked: BlockedColumns | None) -> None:
        self._names: set[str] = set()
        self._tables: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        if isinstance(blocked, str):
            raise ConfigurationError("blocked_columns is a list of names, not one name")
        if isinstance(blocked, Mapping):
            blocked = [f"{table}.{name}" for table, names in blocked.items() for name in names]
        for entry in blocked or ():
            *table, column = (fold(part) for part in split_name(entry))
            if not table:
                self._names.add(column)
            else:
                self._tables.setdefault(table[-1], []).append((tuple(table), column))

    @property
    def active(self) -> bool:
        """There is such a column."""
        return bool(self._names or self._tables)

    @property
    def names(self) -> frozenset[str]:
        """Names that are blocked in whatever table."""
        return frozenset(self._names)

    def blocks(self, origin: ColumnOrigin, excluded: frozenset[str] = frozenset()) -> bool:
        """Whether a column is blocked, or may be one that is.

        Args:
            origin: The column.
            excluded: Where it is any column of its table: names that it is not.
        """
        if origin.table == ANY_COLUMN:
            return self.active
        columns = self._columns(origin.table)
        if origin.column == ANY_COLUMN:
            return not columns <= excluded
        return fold(origin.column) in columns or ANY_COLUMN in columns

    def _columns(self, table: str) -> set[str]:
        """The blocked columns of a table."""
        parts = tuple(fold(part) for part in table.split("."))
        # A name without its table is blocked in all of them.
        columns = set(self._names)
        for entry, column in self._tables.get(parts[-1], ()):
            pairs = zip(reversed(entry), reversed(parts), strict=False)
            if all(left == right for left, right in pairs):
                columns.add(column)
        return columns
