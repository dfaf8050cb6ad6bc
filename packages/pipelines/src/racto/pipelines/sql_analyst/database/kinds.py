"""What a driver says of a column's type, as the database's own name and as a plain kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .sessions import Session

# Object ids of PostgreSQL's own types, which are the same in every server.
_POSTGRES = {
    16: "boolean", 17: "bytea", 18: "char", 19: "name", 20: "bigint", 21: "smallint",
    23: "integer", 25: "text", 26: "oid", 114: "json", 700: "real", 701: "double precision",
    790: "money", 1042: "character", 1043: "character varying", 1082: "date", 1083: "time",
    1114: "timestamp", 1184: "timestamp with time zone", 1186: "interval",
    1266: "time with time zone", 1700: "numeric", 2950: "uuid", 3802: "jsonb",
    1000: "boolean[]", 1005: "smallint[]", 1007: "integer[]", 1009: "text[]", 1015: "varchar[]",
    1016: "bigint[]", 1021: "real[]", 1022: "double precision[]", 1231: "numeric[]",
}  # fmt: skip
# Numbers of MySQL's protocol.
_MYSQL = {
    0: "decimal", 1: "tinyint", 2: "smallint", 3: "int", 4: "float", 5: "double", 7: "timestamp",
    8: "bigint", 9: "mediumint", 10: "date", 11: "time", 12: "datetime", 13: "year",
    15: "varchar", 16: "bit", 245: "json", 246: "decimal", 247: "enum", 248: "set",
    249: "tinyblob", 250: "mediumblob", 251: "longblob", 252: "blob", 253: "varchar", 254: "char",
}  # fmt: skip
_KINDS = (
    (r"\[\]$|^list|^array", "array"),
    (r"^json|^struct|^map|^variant|^super|^object", "json"),
    (r"^(?:timestamptz|timestamp with time zone|timestamp_tz|timestampltz)", "moment"),
    (r"^(?:timestamp|datetime|timestamp_)", "datetime"),
    (r"^(?:timetz|time with time zone)", "text"),
    (r"^date$", "date"),
    (r"^time$", "time"),
    (r"^interval", "span"),
    (r"^bool", "boolean"),
    (r"int\d*$|^integer|^serial|^oid$|^year$|^u?(?:tiny|small|big|huge)int", "integer"),
    (r"^(?:numeric|decimal|number|bignumeric)", "decimal"),
    (r"^(?:real|float|double)", "float"),
    (r"^(?:bytea|blob|binary|varbinary|bytes|image)", "binary"),
)
_COMPILED = tuple((re.compile(pattern), kind) for pattern, kind in _KINDS)


def type_names(session: Session, cursor: Any, described: Sequence[Any]) -> tuple[str, ...]:
    """The database's own name of each column's type; "" where the driver tells none."""
    dialect = session.address.family.name
    return tuple(_type_name(dialect, entry[1]) for entry in described)


def _type_name(dialect: str, code: Any) -> str:
    if dialect == "postgres":
        return _POSTGRES.get(code, "") if isinstance(code, int) else str(code)
    if dialect == "mysql":
        return _MYSQL.get(code, "") if isinstance(code, int) else ""
    if dialect == "duckdb":
        return str(code).strip('"').lower()
    return code.lower() if isinstance(code, str) else ""


def kind_of(type_name: str) -> str:
    """A plain kind for a type's name; "text" where none is known.

    Returns:
        One of ``integer decimal float boolean date time datetime moment span json array binary
        text``; a *moment* is a date and time with its zone, a *span* a length of time.
    """
    name = type_name.lower().strip()
    for pattern, kind in _COMPILED:
        if pattern.search(name):
            return kind
    return "text"
