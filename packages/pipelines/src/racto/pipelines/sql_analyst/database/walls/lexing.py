"""A statement without its strings and comments: what is left is code, and can be looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from racto.pipelines.errors import ReadOnlyViolationError

# Whatever comes first wins, as in the databases' own scanners.
_COMMON = r"(?P<line>--[^\n\r]*)|(?P<block>/\*)|(?P<dollar>\$(?:[^\W\d]\w*)?\$)"
_PLAIN = r"|(?P<text>'(?:[^']|'')*')"
_SLASHED = r"|(?P<text>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\")"
_NAMES = r"|(?P<name>\"(?:[^\"]|\"\")*\")"
_TICKS = r"|(?P<tick>`(?:[^`]|``)*`)"
_SCANNERS = {
    # MySQL's -- needs a blank after it; else it is two minus signs.
    "mysql": r"(?P<line>--(?=[\s\x00-\x1f]|$)[^\n]*|\#[^\n]*)|(?P<block>/\*)" + _SLASHED + _TICKS,
    "postgres": _COMMON + r"|(?P<slashed>\b[eE]'(?:[^'\\]|\\.|'')*')" + _PLAIN + _NAMES,
    "duckdb": _COMMON + r"|(?P<slashed>\b[eE]'(?:[^'\\]|\\.|'')*')" + _PLAIN + _NAMES,
    "sqlite": r"(?P<line>--[^\n]*)|(?P<block>/\*)" + _PLAIN + _NAMES + _TICKS
    + r"|(?P<bracket>\[[^\]]*\])",
}  # fmt: skip
_COMPILED = {name: re.compile(text, re.DOTALL) for name, text in _SCANNERS.items()}
# Their block comments nest; those of the others end at the first */.
_NESTED = {"postgres"}
_QUERIES = {"select", "with", "values", "table", "from"}


@dataclass(frozen=True, kw_only=True, slots=True)
class BareCode:
    """A statement's code.

    Args:
        text: Strings read ``''``, quoted names keep their letters, comments are blanks.
        executable_comment: Whether a comment is one that MySQL or MariaDB executes.
        closed: Whether every string, name and comment ends.
    """

    text: str
    executable_comment: bool
    closed: bool


def bare(sql: str, dialect: str) -> BareCode:
    """Take strings and comments out of a statement, as the dialect's scanner sees them."""
    scanner = _COMPILED.get(dialect, _COMPILED["postgres"])
    parts: list[str] = []
    place, executable, closed = 0, False, True
    while found := scanner.search(sql, place):
        parts.append(sql[place : found.start()])
        kind, place = found.lastgroup, found.end()
        if kind == "block":
            executable |= sql.startswith(("/*!", "/*M!"), found.start())
            place, ended = _comment_end(sql, found.start(), nested=dialect in _NESTED)
            closed &= ended
            parts.append(" ")
        elif kind == "dollar":
            end = sql.find(found.group(), found.end())
            closed &= end >= 0
            place = end + len(found.group()) if end >= 0 else len(sql)
            parts.append("''")
        else:
            parts.append({"line": " ", "text": "''", "slashed": "''"}.get(kind or "", ""))
            if kind in ("name", "tick", "bracket"):
                # Letters of a quoted name count: "pg_read_file"('x') is a call like any other.
                parts.append(f" {found.group()[1:-1]} ".replace(";", " "))
    rest = sql[place:]
    marks = "'`" if dialect in ("mysql", "sqlite") else "'"
    closed &= not any(mark in rest for mark in (*marks, '"'))
    return BareCode(text="".join(parts) + rest, executable_comment=executable, closed=closed)


def _comment_end(sql: str, start: int, *, nested: bool) -> tuple[int, bool]:
    depth, place = 0, start
    for mark in re.compile(r"/\*|\*/").finditer(sql, start):
        if mark.group() == "*/":
            depth -= 1
            place = mark.end()
            if depth == 0:
                return place, True
        elif nested or depth == 0:
            depth += 1
    return len(sql), False


def require_one_query(sql: str, dialect: str, *, forbidden: re.Pattern[str] | None = None) -> str:
    """Let pass what is one query by its first word and has no second statement after it.

    Args:
        sql: The statement.
        dialect: sqlglot's name of the database.
        forbidden: What may not stand in its code.

    Returns:
        The statement without trailing semicolons.

    Raises:
        ReadOnlyViolationError: If it is anything else; names the part.
    """
    if "\x00" in sql:
        raise _refusal("a zero byte", "\\x00", "no query holds one")
    code = bare(sql, dialect)
    if not code.closed:
        raise _refusal("a string or comment that does not end", sql[-40:], "close it")
    if code.executable_comment:
        raise _refusal("a comment that the database executes", "/*!", "write it as plain SQL")
    text = code.text.strip().rstrip(";").strip()
    if ";" in text:
        raise _refusal("a second statement", text.split(";", 1)[1][:60], "send one query")
    first = re.match(r"[(\s]*([^\W\d]\w*)?", text)
    word = (first[1] or "") if first else ""
    if word.lower() not in _QUERIES:
        raise _refusal("a statement that is no query", word or text[:40], "start with SELECT")
    if forbidden is not None and (found := forbidden.search(text)):
        raise _refusal("what reaches outside of the query", found.group().strip(), "leave it out")
    return _without_semicolons(sql, dialect)


def _without_semicolons(sql: str, dialect: str) -> str:
    # Only a statement that ends in semicolons is touched, and only behind its last token.
    stripped = sql.rstrip()
    while stripped.endswith(";") and bare(stripped, dialect).text.endswith(";"):
        stripped = stripped[:-1].rstrip()
    return stripped


def _refusal(what: str, part: str, hint: str) -> ReadOnlyViolationError:
    return ReadOnlyViolationError(
        f"The database is not asked, because of {what} ({part!r}); {hint}",
        part=part,
        rule="wall",
    )
