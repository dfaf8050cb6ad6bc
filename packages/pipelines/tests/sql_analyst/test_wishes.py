"""Arguments of the constructor and of a run: which comes first, and what is refused."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

from racto.core import ConfigurationError
from racto.core.testing import ScriptedKit
from racto.pipelines import AsyncSQLAnalystPipeline, SQLAnalystPipeline
from racto.pipelines.sql_analyst.database import Database
from racto.pipelines.sql_analyst.grounds import Connection
from racto.pipelines.sql_analyst.settings import ModelSettings
from racto.pipelines.sql_analyst.wishes import RunDefaults, RunWishes

# As the reference's page gives them.
CONSTRUCTOR = {
    "sql_kit": None, "pandas_kit": None, "answer_kit": None, "sql_prompt": None,
    "pandas_prompt": None, "answer_prompt": None, "sql_temperature": 0.0, "sql_max_tokens": 1024,
    "pandas_temperature": 0.0, "pandas_max_tokens": 2048, "answer_temperature": 0.3,
    "answer_max_tokens": 2048, "run_pandas": True, "run_answer": True, "chart": "auto",
    "force_read_only": True, "tracer": None, "metrics": None, "engine": None,
    "max_sql_retries": 2, "max_rows": 10000, "schema_cache_ttl": 3600.0,
    "schema_include_indexes": True, "schema_include_row_counts": False,
    "schema_include_sample_values": False, "schema_sample_value_limit": 8,
    "allowed_tables": None, "blocked_columns": None, "mask_columns": None, "table_docs": None,
    "column_docs": None, "safe_mode": False, "analysis_engine": "pandas", "memory": None,
    "rate_limiter": None, "user_id": None,
}  # fmt: skip
RUN = {
    "connection_string": None, "host": "localhost", "port": 5432, "database": None,
    "username": None, "password": None, "driver": "postgresql", "schema": None,
    "run_pandas": None, "run_answer": None, "force_read_only": None, "sql_temperature": None,
    "sql_max_tokens": None, "pandas_temperature": None, "pandas_max_tokens": None,
    "answer_temperature": None, "answer_max_tokens": None, "max_rows": None, "user_id": None,
    "session_id": None,
}  # fmt: skip


def test_parameters_and_defaults_are_the_references() -> None:
    for kind in (SQLAnalystPipeline, AsyncSQLAnalystPipeline):
        given = inspect.signature(kind).parameters
        assert {name: given[name].default for name in CONSTRUCTOR} == CONSTRUCTOR
        assert list(given)[: len(CONSTRUCTOR) + 1] == ["kit", *CONSTRUCTOR]
        assert all(given[name].default is not inspect.Parameter.empty for name in list(given)[1:])
    for method in (SQLAnalystPipeline.run, SQLAnalystPipeline.arun):
        told = inspect.signature(method).parameters
        assert {name: told[name].default for name in RUN} == RUN
        assert told["engine"].default is told["chart"].default


@pytest.mark.parametrize(
    "wrong",
    [
        {"analysis_engine": "spark"}, {"max_sql_retries": -1}, {"max_rows": -1},
        {"allowed_tables": "orders"}, {"mask_columns": [1]}, {"blocked_columns": [" "]},
        {"timeout_s": 0}, {"follow_ups": -1}, {"force_read_only": False}, {"chart": "hologram"},
        {"max_plan_cost": -2},
    ],
)  # fmt: skip
def test_wrong_settings_are_refused_at_once(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        SQLAnalystPipeline(ScriptedKit(), **wrong)


def _defaults(engine: Any = None) -> RunDefaults:
    settings = ModelSettings(kit=ScriptedKit())
    return RunDefaults(
        sql=settings, pandas=settings, answer=settings, run_pandas=True, run_answer=True,
        chart=None, engine=engine, max_rows=10, user_id="ada",
    )  # fmt: skip


def test_the_default_port_belongs_to_postgresql_alone() -> None:
    def port(**wishes: Any) -> Any:
        made = _defaults().connection(RunWishes(user_query="?", **wishes))
        return dict(made.parts)["port"]

    assert port() == 5432
    assert port(driver="mysql") is None
    assert port(driver="mysql", port=3307) == 3307


def test_runs_fill_in_from_the_pipeline() -> None:
    inquiry = _defaults().inquiry(RunWishes(user_query="?", run_answer=False, sql_temperature=1.0))
    assert (inquiry.run_pandas, inquiry.run_answer, inquiry.user_id) == (True, False, "ada")
    assert (inquiry.sql.temperature, inquiry.answer.temperature) == (1.0, 0.0)
    assert _defaults().inquiry(RunWishes(user_query="?", max_rows=0)).max_rows == 0


def test_no_secret_is_printed() -> None:
    wishes = RunWishes(user_query="?", password="hunter22", connection_string="x://u:hunter22@h/d")
    assert "hunter22" not in repr(wishes)
    assert "hunter22" not in repr(_defaults().connection(wishes))


def test_a_database_of_the_callers_stays_open(sqlite_address: str) -> None:
    with Database(sqlite_address) as database:
        assert Connection(engine=database).open(ttl_s=1) is database
        with SQLAnalystPipeline(ScriptedKit(["SELECT 1 AS n"]), engine=database, run_pandas=False,
                                run_answer=False, chart=None) as analyst:  # fmt: skip
            assert analyst.run("?").raw_rows == [{"n": 1}]
        assert database.query("SELECT 1").row_count == 1
