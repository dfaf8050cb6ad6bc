"""Random statements from hostile pieces: refused, or a reading statement that stays as it is."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import sqlglot
from hypothesis import given, settings, strategies as st
from sqlglot import exp

from racto.pipelines.errors import ReadOnlyViolationError
from racto.pipelines.sql_analyst.guard import ReadOnlySQLGuard

CORPORA = Path(__file__).parent / "corpora"
PARSERS = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "duckdb": "duckdb",
    "tsql": "tsql",
    "bigquery": "bigquery",
    "snowflake": "snowflake",
}
GUARDS = {dialect: ReadOnlySQLGuard(dialect) for dialect in PARSERS}
PIECES = (
    "SELECT 1 * , ( ) ; -- /* */ # ' \" ` [ ] $$ E' \\' UNION ALL FROM WHERE INTO x INSERT DELETE "
    "UPDATE DROP TABLE EXEC xp_cmdshell pg_sleep(9) SLEEP(9) @@version @x $1 FOR LOCK OUTFILE "
    "WITH AS MATERIALIZED read_csv('x') '/etc/passwd' pg_shadow sqlite_master sys. mysql. "
    "CALL SET ATTACH COPY TO PROGRAM nextval('s') /*! /*+ CASE WHEN THEN END ORDER BY LIMIT = . :: "
    "regclass VALUES LATERAL JOIN ON => := -> ->> \n \t \x00 \u00a0 é"
)
WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Command)


def answer(dialect: str, text: str) -> str:
    """The rule that refuses a text, or that it passed."""
    try:
        GUARDS[dialect].inspect(text)
    except ReadOnlyViolationError as error:
        return error.rule
    return "passed"


@settings(max_examples=400, deadline=None)
@given(
    dialect=st.sampled_from(sorted(PARSERS)),
    pieces=st.lists(st.sampled_from(PIECES.split(" ")), min_size=1, max_size=14),
    glue=st.sampled_from(["", " "]),
)
def test_pieces_of_hostile_statements_never_make_one_that_passes(
    dialect: str, pieces: list[str], glue: str
) -> None:
    try:
        passed = GUARDS[dialect].check("SELECT " + glue.join(pieces))
    except ReadOnlyViolationError:
        return
    assert GUARDS[dialect].check(passed) == passed
    trees = sqlglot.parse(passed, dialect=PARSERS[dialect])
    assert len(trees) == 1
    assert trees[0] is not None
    assert not list(trees[0].find_all(*WRITES, exp.Into, exp.Lock))
    # Snowflake's $1 is the first column of a row; every other parameter is a variable.
    assert all(found.this.is_int for found in trees[0].find_all(exp.Parameter))


@settings(max_examples=200, deadline=None)
@given(dialect=st.sampled_from(sorted(PARSERS)), text=st.text(max_size=60))
def test_any_text_is_answered(dialect: str, text: str) -> None:
    assert answer(dialect, text)


@pytest.mark.parametrize("dialect", sorted(PARSERS))
def test_keywords_pass_in_any_case(dialect: str) -> None:
    chance = random.Random(7)
    refused = []
    for sql in (CORPORA / f"{dialect}.harmless.sql").read_text(encoding="utf-8").splitlines():
        if not sql.isascii() or any(sign in sql for sign in "'\"`$[#"):
            continue
        mixed = "".join(chance.choice((c.lower(), c.upper())) for c in sql)
        try:
            GUARDS[dialect].check(mixed)
        except ReadOnlyViolationError as error:
            refused.append((mixed, error.rule))
    assert refused == []
