"""The corpora: every hostile statement is refused by its rule, every harmless one passes as it is."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import pytest

from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.guard import ReadOnlySQLGuard

CORPORA = Path(__file__).parent / "corpora"
DIALECTS = sorted({path.name.split(".")[0] for path in CORPORA.glob("*.harmless.sql")})


@lru_cache
def guard(dialect: str) -> ReadOnlySQLGuard:
    """One guard a dialect, without a policy."""
    return ReadOnlySQLGuard(dialect)


def lines(dialect: str, kind: str) -> list[str]:
    """The lines of one corpus."""
    text = (CORPORA / f"{dialect}.{kind}").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line.strip()]


def hostile(dialect: str) -> list[tuple[str, str]]:
    """Rule and statement, one a line; a star stands for any rule."""
    pairs = [line.partition("\t") for line in lines(dialect, "hostile.tsv")]
    return [(rule, sql) for rule, _, sql in pairs]


HARMLESS = [
    pytest.param(dialect, sql, id=f"{dialect}-{number}")
    for dialect in DIALECTS
    for number, sql in enumerate(lines(dialect, "harmless.sql"), 1)
]
HOSTILE = [
    pytest.param(dialect, rule, sql, id=f"{dialect}-{number}")
    for dialect in DIALECTS
    for number, (rule, sql) in enumerate(hostile(dialect), 1)
]


@pytest.mark.parametrize(("dialect", "sql"), HARMLESS)
def test_harmless_statements_pass(dialect: str, sql: str) -> None:
    passed = guard(dialect).check(sql)
    assert guard(dialect).check(passed) == passed
    assert guard(dialect).inspect(sql).sql == passed


@pytest.mark.parametrize(("dialect", "rule", "sql"), HOSTILE)
def test_hostile_statements_are_refused(dialect: str, rule: str, sql: str) -> None:
    with pytest.raises(ReadOnlyViolationError) as caught:
        guard(dialect).check(sql)
    assert caught.value.rule
    if rule != "*":
        assert caught.value.rule == rule


@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_statements_stay_refused_inside_harmless_ones(dialect: str) -> None:
    frames = ("SELECT * FROM ({}) AS t", "WITH w AS ({}) SELECT * FROM w", "SELECT 1 UNION ALL {}")
    passed = [
        (frame, sql)
        for _, sql in hostile(dialect)
        for frame in frames
        if "--" not in sql and "/*" not in sql and _passes(dialect, frame.format(sql.rstrip("; ")))
    ]
    assert passed == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_two_harmless_statements_are_one_too_many(dialect: str) -> None:
    statements = lines(dialect, "harmless.sql")
    passed = [
        (first, second)
        for first, second in pairwise(statements)
        if "--" not in first and "#" not in first and "//" not in first
        if _passes(dialect, f"{first.rstrip('; ')}; {second}")
    ]
    assert passed == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_comments_and_white_space_do_not_matter(dialect: str) -> None:
    refused = []
    for sql in lines(dialect, "harmless.sql"):
        for frame in ("/* DROP TABLE x; */ {}", "\n\t{}\n", "-- DELETE\n{}", "{} ;; -- end"):
            written = frame.format(sql if not _ends_in_comment(sql) else sql + "\n")
            if not _passes(dialect, written):
                refused.append(written)
    assert refused == []


def _ends_in_comment(sql: str) -> bool:
    """A comment to the end of the line would hide what is put behind it."""
    return any(sign in sql for sign in ("--", "#", "//"))


def _passes(dialect: str, sql: str) -> bool:
    """Whether the guard passes a statement."""
    try:
        guard(dialect).check(sql)
    except ReadOnlyViolationError:
        return False
    return True
