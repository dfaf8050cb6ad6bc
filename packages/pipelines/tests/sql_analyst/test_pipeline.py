"""The analyst on real databases: one question, whole and in part, in both voices."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from racto.core import ChatConfig, ConfigurationError, LLMResponse, RactoPrompt, ServerError, Usage
from racto.core.responses import FinishReason
from racto.core.testing import ScriptedKit
from racto.pipelines.errors import CannotAnswerError, ChartError, QueryError, ReadOnlyViolationError
from racto.pipelines.sql_analyst import AsyncSQLAnalystPipeline, SQLAnalystPipeline, StepEvent

from .conftest import Ask
from .scripts import asked, stage

BY_CUSTOMER = (
    "SELECT c.name AS customer, SUM(o.amount) AS revenue FROM customers AS c "
    "JOIN orders AS o ON o.customer_id = c.id GROUP BY c.name ORDER BY revenue DESC"
)
FENCED = f"```sql\n{BY_CUSTOMER}\n```"


def test_a_question_becomes_rows_answer_and_chart(address: str, ask: Ask) -> None:
    kit = stage(f"This should do.\n{FENCED}\nIt sums up.", answer="Ada leads with 30.50.")
    result = ask(kit, connection_string=address, chart="auto")
    assert result.ok
    assert result.error is None
    assert result.sql_query == BY_CUSTOMER
    assert result.columns == ["customer", "revenue"]
    assert result.row_count == 2
    assert [row["customer"] for row in result.raw_rows] == ["Ada", "Ben"]
    assert float(result.raw_rows[0]["revenue"]) == 30.5
    assert result.answer == "Ada leads with 30.50."
    assert result.chart_spec is not None
    assert result.chart_spec["x"] == "customer"
    assert result.plotly_figure.to_json()
    assert result.dialect in address
    assert set(result.timings) == {"schema", "sql", "guard", "query", "answer", "chart"}


def test_values_keep_their_types(duckdb_file: Path) -> None:
    with SQLAnalystPipeline(
        stage("SELECT amount, ordered_on FROM orders ORDER BY id"),
        run_pandas=False, run_answer=False, chart=None,
    ) as analyst:  # fmt: skip
        result = analyst.run("?", connection_string=f"duckdb:///{duckdb_file}")
    assert result.raw_rows[0]["amount"] == Decimal("10.50")
    assert str(result.raw_rows[0]["ordered_on"]) == "2025-01-05"
    assert str(result.to_polars().schema["amount"]) == "Decimal(precision=38, scale=2)"


@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_analysis_code_runs_in_the_sandbox(engine: str, sqlite_address: str, ask: Ask) -> None:
    code = '```python\nresult = {"rows": df.shape[0], "best": float(df["revenue"].max())}\n```'
    kit = stage(FENCED, code=code)
    result = ask(
        kit, connection_string=sqlite_address, run_pandas=True, made={"analysis_engine": engine}
    )
    assert result.pandas_result == {"rows": 2, "best": 30.5}
    assert "df.shape" in (result.pandas_code or "")
    assert '"best": 30.5' in asked(kit, "answer")[0].user_message


def test_failing_code_is_mended_once(sqlite_address: str, ask: Ask) -> None:
    kit = stage(FENCED, code=["```python\nresult = df['nope']\n```", "result = 7"])
    result = ask(kit, connection_string=sqlite_address, run_pandas=True)
    assert result.pandas_result == 7
    assert [attempt.step for attempt in result.attempts] == ["analysis"]
    assert "nope" in asked(kit, "pandas")[1].user_message


def test_a_database_error_goes_back_to_the_model(address: str, ask: Ask) -> None:
    wrong = "SELECT SUM(o.total) AS revenue FROM orders AS o"
    kit = stage([wrong, FENCED])
    result = ask(kit, connection_string=address)
    assert result.row_count == 2
    assert [attempt.text for attempt in result.attempts] == [wrong]
    second = asked(kit, "sql")[1].user_message
    assert "<error>" in second
    assert "total" in second
    assert wrong in second


def test_the_last_error_is_raised_when_retries_are_spent(address: str, ask: Ask) -> None:
    kit = stage("SELECT total FROM orders")
    with pytest.raises((QueryError, ReadOnlyViolationError)) as caught:
        ask(kit, connection_string=address, made={"max_sql_retries": 1})
    assert len(kit.requests) == 2
    assert caught.value.usage is not None
    assert caught.value.usage.total_tokens > 0


def test_a_refusal_is_told_before_a_failing_retry(sqlite_address: str, ask: Ask) -> None:
    kit = ScriptedKit(["DROP TABLE orders"])
    with pytest.raises(ReadOnlyViolationError) as caught:
        ask(kit, connection_string=sqlite_address)
    assert any("asking for another statement failed" in note for note in caught.value.__notes__)


def test_a_cut_statement_is_never_run(sqlite_address: str, ask: Ask) -> None:
    cut = LLMResponse(content="SELECT * FROM orders", finish_reason=FinishReason.LENGTH)
    result = ask(stage([cut, FENCED]), connection_string=sqlite_address)
    assert result.sql_query == BY_CUSTOMER
    assert "cut off" in result.attempts[0].reason


def test_cannot_answer_ends_the_run_at_once(sqlite_address: str, ask: Ask) -> None:
    kit = stage("-- Cannot answer: there is no weather here")
    with pytest.raises(CannotAnswerError, match="no weather here"):
        ask(kit, connection_string=sqlite_address)
    assert len(kit.requests) == 1
    told = ask(kit, connection_string=sqlite_address, made={"safe_mode": True})
    assert told.error_type == "CannotAnswerError"
    assert "no weather here" in (told.error or "")
    assert told.usage.total_tokens > 0
    assert "orders" in told.schema_used


def test_safe_mode_keeps_what_was_paid_for(sqlite_address: str, ask: Ask) -> None:
    kit = stage(FENCED, answer=ServerError("the model is down"))
    result = ask(kit, connection_string=sqlite_address, made={"safe_mode": True})
    assert result.error == "the model is down"
    assert (result.failed_step, result.error_type) == ("answer", "ServerError")
    assert result.row_count == 2
    assert result.sql_query == BY_CUSTOMER
    assert result.usage.sql_input_tokens > 0
    assert result.usage.answer_input_tokens == 0


def test_safe_mode_holds_for_wrong_arguments_too(ask: Ask) -> None:
    made = {"safe_mode": True}
    assert ask(stage("SELECT 1"), made=made).error_type == "ConfigurationError"
    assert ask(stage("SELECT 1"), " ", made=made).error_type == "ConfigurationError"
    assert ask(stage("SELECT 1"), made=made, chart={"chart_type": "no"}).error_type == "ChartError"


def test_writing_cannot_be_allowed(sqlite_address: str) -> None:
    with pytest.raises(ConfigurationError, match="force_read_only"):
        SQLAnalystPipeline(stage("SELECT 1"), force_read_only=False)
    analyst = SQLAnalystPipeline(stage("SELECT 1"))
    with pytest.raises(ConfigurationError, match="force_read_only"):
        analyst.run("?", connection_string=sqlite_address, force_read_only=False)


def test_each_step_has_its_kit_prompt_and_sampling(sqlite_address: str, ask: Ask) -> None:
    prompt = RactoPrompt(
        role="You write SQL like a poet.", aim="Rhyme.", constraints=["Be short."],
        tone="Light.", output_format="text",
    )  # fmt: skip
    sql, code, answer = ScriptedKit([BY_CUSTOMER]), ScriptedKit(["result = 1"]), ScriptedKit(["A"])
    result = ask(
        ScriptedKit(),
        connection_string=sqlite_address,
        run_pandas=True,
        sql_temperature=0.7,
        answer_max_tokens=99,
        made={
            "sql_kit": sql, "pandas_kit": code, "answer_kit": answer, "sql_prompt": prompt,
            "answer_prompt": "Speak like a sailor.",
        },
    )  # fmt: skip
    assert result.answer == "A"
    first, second, third = sql.requests[0], code.requests[0], answer.requests[0]
    assert first.prompt == prompt
    assert first.temperature == 0.7
    assert first.max_tokens == 1024
    assert second.temperature == 0.0
    assert second.max_tokens == 2048
    assert third.system == "Speak like a sailor."
    assert third.temperature == 0.3
    assert third.max_tokens == 99


def test_steps_are_told_as_they_happen(sqlite_address: str, ask: Ask) -> None:
    events: list[StepEvent] = []
    kit = stage(["SELECT total FROM orders", FENCED])
    ask(kit, connection_string=sqlite_address, on_step=events.append)
    ended = [(e.step, e.attempt) for e in events if e.state == "done"]
    assert ended[0] == ("schema", 1)
    assert ("query", 2) in ended
    assert ended[-1] == ("answer", 1)
    failed = [e for e in events if e.state == "failed"]
    assert len(failed) == 1
    assert failed[0].attempt == 1
    assert failed[0].seconds >= 0


def test_follow_up_questions_are_taken_off_the_answer(sqlite_address: str, ask: Ask) -> None:
    answer = "Two rows.\n\n### You could also ask\n- By month?\n- By city?\n- Why?"
    result = ask(
        stage(FENCED, answer=answer), connection_string=sqlite_address, made={"follow_ups": 2}
    )
    assert result.answer == "Two rows."
    assert result.follow_ups == ("By month?", "By city?")


def test_numbers_that_are_not_in_the_rows_are_marked(sqlite_address: str, ask: Ask) -> None:
    kit = stage(FENCED, answer="Ada spent 30.50 of 9876 planned.")
    result = ask(kit, connection_string=sqlite_address)
    assert result.unsupported_numbers == ("9876",)
    assert "9876 ⚠" in (result.answer or "")


def test_half_of_an_answer_is_kept_and_said_to_be_half(sqlite_address: str, ask: Ask) -> None:
    cut = LLMResponse(content="Ada leads with", finish_reason=FinishReason.LENGTH)
    result = ask(stage(FENCED, answer=cut), connection_string=sqlite_address)
    assert result.answer == "Ada leads with"
    assert not result.is_answer_whole


def test_an_engine_comes_before_the_string(sqlite_address: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine(sqlite_address)
    with SQLAnalystPipeline(
        stage("SELECT count(*) AS n FROM orders"), engine=engine, run_pandas=False, chart=None
    ) as analyst:
        assert analyst.run("?", connection_string="sqlite:////nowhere/else.db").row_count == 1
        with pytest.raises(ConfigurationError, match="no database is named"):
            analyst.run("?", engine=None)
    # What was handed in stays open.
    with engine.connect() as link:
        assert link.exec_driver_sql("SELECT 1").scalar() == 1
    engine.dispose()


def test_parts_name_an_embedded_file(sqlite_file: Path, ask: Ask) -> None:
    result = ask(stage(FENCED), driver="sqlite", database=str(sqlite_file))
    assert result.row_count == 2


def test_a_schema_of_the_callers_is_what_the_model_sees(sqlite_address: str, ask: Ask) -> None:
    kit = stage(FENCED)
    result = ask(kit, connection_string=sqlite_address, schema="customers(name) and orders")
    assert result.schema_used == "customers(name) and orders"
    assert "customers(name) and orders" in kit.requests[0].user_message
    assert "secrets" not in kit.requests[0].user_message


def test_structured_replies_are_taken(sqlite_address: str, ask: Ask) -> None:
    kit = stage('{"sql": "SELECT count(*) AS n FROM orders", "cannot_answer": ""}')
    result = ask(kit, connection_string=sqlite_address, made={"structured_sql": True})
    assert result.raw_rows == [{"n": 3}]
    assert kit.requests[0].response_model is not None


def test_rows_are_fetched_up_to_the_cap(address: str, ask: Ask) -> None:
    kit = stage("SELECT id FROM orders ORDER BY id LIMIT 999999999")
    result = ask(kit, connection_string=address, max_rows=2)
    assert (result.row_count, result.truncated_by) == (2, "rows")
    assert "at least 2" in asked(kit, "answer")[0].user_message
    assert ask(kit, connection_string=address, max_rows=0).row_count == 3


def test_usage_and_cost_are_told_by_step(sqlite_address: str, ask: Ask) -> None:
    def priced(text: str, cost: float) -> LLMResponse:
        return LLMResponse(content=text, usage=Usage(input_tokens=10, output_tokens=5, cost=cost))

    kit = stage(
        [priced("SELECT nothing", 0.25), priced(BY_CUSTOMER, 0.25)], answer=priced("Done", 0.125)
    )
    usage = ask(kit, connection_string=sqlite_address).usage
    assert (usage.sql_input_tokens, usage.sql_output_tokens) == (20, 10)
    assert (usage.pandas_input_tokens, usage.answer_output_tokens) == (0, 5)
    assert (usage.total_input_tokens, usage.total_output_tokens, usage.total_tokens) == (30, 15, 45)
    assert usage.cost == 0.625


async def test_the_async_pipeline_is_awaited(sqlite_address: str) -> None:
    async with AsyncSQLAnalystPipeline(stage(FENCED), run_pandas=False, chart=None) as analyst:
        result = await analyst.run("Who?", connection_string=sqlite_address)
    assert result.row_count == 2


def test_a_wrong_chart_is_refused_before_anything_is_paid(sqlite_address: str, ask: Ask) -> None:
    kit = stage(FENCED)
    with pytest.raises(ChartError):
        ask(kit, connection_string=sqlite_address, chart={"chart_type": "hologram"})
    assert kit.requests == []


def test_temperatures_may_be_dropped_by_models_that_take_none(sqlite_address: str) -> None:
    seen: list[ChatConfig] = []

    def answer(config: ChatConfig) -> str:
        seen.append(config)
        return BY_CUSTOMER

    with SQLAnalystPipeline(
        ScriptedKit(answer), run_pandas=False, chart=None, answer_temperature=None
    ) as analyst:
        analyst.run("?", connection_string=sqlite_address)
    assert [config.on_unsupported for config in seen] == ["drop", "drop"]
    assert [config.temperature for config in seen] == [0.0, None]
