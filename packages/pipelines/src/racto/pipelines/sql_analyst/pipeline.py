"""SQLAnalystPipeline: a question in, rows, analysis, answer and chart out, and nothing written."""

from __future__ import annotations

from typing import Any

from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow, arun, run

from .progress import StepListener
from .results import SQLAnalystResult
from .settings import UNSET, Unset
from .setup import AnalystSetup, ChartWish
from .wishes import RunWishes


class SQLAnalystPipeline(AnalystSetup):
    """Answers questions in plain words from a database that it can only read.

    Each question takes up to three calls of a model: SQL, analysis code, answer. The SQL is parsed
    and held against allowlists (:class:`ReadOnlySQLGuard`), runs in a read-only transaction with
    limits on time, rows and bytes, and is mended with the database's error when it fails. Analysis
    code runs in a locked process (:class:`AnalysisSandbox`). Rows reach a model as data: clipped,
    escaped, with masks. Numbers of the answer are held against the rows. Safe to share between
    threads and tasks; close it at the end, or use it in a ``with`` block.

    Other than the reference: ``force_read_only=False`` is refused; ``allowed_tables``,
    ``blocked_columns`` and ``mask_columns`` hold for the statement, through aliases, expressions,
    stars and views, and not only for the text of the schema; ``max_rows`` bounds what is fetched,
    and no LIMIT is pasted into the SQL; a reply ``-- Cannot answer`` ends the run at once with
    :class:`CannotAnswerError`; a chart that cannot be drawn leaves the answer alone.

    Args:
        kit: Asked in every step that has no kit of its own.
        sql_kit: Writes the SQL.
        pandas_kit: Writes the analysis code.
        answer_kit: Writes the answer.
        sql_prompt: System prompt of the SQL step, in place of racto's.
        pandas_prompt: System prompt of the analysis step.
        answer_prompt: System prompt of the answer step.
        sql_temperature: Sampling temperature of the SQL step. None leaves it to the model; models
            that take no temperature are asked without.
        sql_max_tokens: Most tokens of the SQL step's reply.
        pandas_temperature: As ``sql_temperature``, for the analysis step.
        pandas_max_tokens: Most tokens of the analysis step's reply.
        answer_temperature: As ``sql_temperature``, for the answer step.
        answer_max_tokens: Most tokens of the answer.
        run_pandas: Whether to run the analysis step.
        run_answer: Whether to write an answer.
        chart: ``"auto"`` lets the rows decide; a spec or a dictionary of its fields; None for none.
        force_read_only: Stays True; False raises :class:`ConfigurationError`.
        tracer: Gets a span a run and a step.
        metrics: Gets counts and durations.
        engine: A SQLAlchemy ``Engine`` or ``AsyncEngine``, or a :class:`Database`; used instead of
            a connection, and left open.
        max_sql_retries: Further statements to ask for when one is refused or fails.
        max_rows: Most rows to fetch; 0 for no bound.
        schema_cache_ttl: Seconds that a schema is kept, for this very policy; 0 keeps none.
        schema_include_indexes: Whether the schema tells of indexes.
        schema_include_row_counts: Whether it tells how many rows tables have.
        schema_include_sample_values: Whether it shows sample values; never masked ones.
        schema_sample_value_limit: Most sample values a column.
        allowed_tables: Tables and views that may be read; None allows all.
        blocked_columns: Columns that no statement may name, nor a star bring.
        mask_columns: Columns whose values come back as ``***MASKED***``.
        table_docs: What tables mean, by name.
        column_docs: What columns mean, by table and name.
        safe_mode: Put errors into ``result.error``, with all that was found and paid for until
            then, instead of raising them. Cancellation is still raised.
        analysis_engine: ``"pandas"`` or ``"polars"``.
        memory: Keeps conversations, for runs with a ``session_id``: a :class:`ChatMemory`, or an
            object with the reference's ``get_history`` and ``append``. A conversation belongs to
            its ``session_id`` alone: give each user, database and policy ids of their own, for
            who shares an id is told the other's questions, SQL and answers.
        rate_limiter: Lets runs in as long as the user's budget lasts. One that can reserve is
            settled by what a run used.
        user_id: Whose budget and audit trail, unless the run says.
        sandbox: ``"locked"``; ``"unsafe"`` for platforms that cannot lock a process; or a sandbox.
        sandbox_timeout_s: Seconds that analysis code may run.
        sandbox_memory_bytes: Bytes that it may need.
        timeout_s: Seconds until the database stops a statement.
        max_bytes: Most bytes of values to fetch.
        max_plan_cost: Highest cost that the planner may expect, in the database's own unit.
        schema_token_budget: Most tokens of the schema in a prompt; a larger one is pruned to the
            question. None for no bound.
        schema_max_tables: Tables to choose then.
        table_finder: Chooses them: a retriever or an embedder; by their words when None.
        sql_cache: Keeps replies that led to rows, by the whole request.
        audit_logger: Gets a record of each run: question, statements, outcome.
        max_code_retries: Further pieces of code to ask for when one is refused or fails.
        structured_sql: Ask for the statement as structured data instead of a fenced block.
        follow_ups: Questions that the model is to propose below the answer.
        reserve_tokens: Tokens that a run is taken to need, for the limiter.

    Raises:
        ConfigurationError: If a setting is unknown, contradictory or out of range.
        ChartError: If the chart is none.
    """

    def run(
        self,
        user_query: str,
        *,
        connection_string: str | Any | None = None,
        host: str = "localhost",
        port: int | None = 5432,
        database: str | None = None,
        username: str | None = None,
        password: str | None = None,
        driver: str = "postgresql",
        engine: Any = UNSET,
        schema: str | None = None,
        run_pandas: bool | None = None,
        run_answer: bool | None = None,
        chart: ChartWish | Unset = UNSET,
        force_read_only: bool | None = None,
        sql_temperature: float | None = None,
        sql_max_tokens: int | None = None,
        pandas_temperature: float | None = None,
        pandas_max_tokens: int | None = None,
        answer_temperature: float | None = None,
        answer_max_tokens: int | None = None,
        max_rows: int | None = None,
        user_id: str | None = None,
        session_id: str | None = None,
        on_step: StepListener | None = None,
    ) -> SQLAnalystResult:
        """Answer one question.

        Args:
            user_query: The question in plain words.
            connection_string: SQLAlchemy's form of an address; its password may hold any
                character, escaped or not. Ignored when there is an engine.
            host: The server, when there is neither engine nor string.
            port: Its port. The default is PostgreSQL's, and stands for the usual one of any driver.
            database: Name of the database, or the file of an embedded one.
            username: Who connects.
            password: As it is, with no escapes.
            driver: SQLAlchemy's name of the database, with or without a driver.
            engine: An engine for this run; None to go by the connection instead of the pipeline's
                engine.
            schema: The schema as text for the prompt. The guard goes by the database's own.
            run_pandas: Whether to run the analysis step; None for the pipeline's setting, as with
                all that follow.
            run_answer: Whether to write an answer.
            chart: ``"auto"``, a spec, a dictionary, or None for no chart.
            force_read_only: Stays True; False raises :class:`ConfigurationError`.
            sql_temperature: Sampling temperature of the SQL step.
            sql_max_tokens: Most tokens of its reply.
            pandas_temperature: Sampling temperature of the analysis step.
            pandas_max_tokens: Most tokens of its reply.
            answer_temperature: Sampling temperature of the answer step.
            answer_max_tokens: Most tokens of its reply.
            max_rows: Most rows to fetch; 0 for no bound.
            user_id: Whose budget and audit trail.
            session_id: The conversation: earlier questions are told to the model, and this one is
                added.
            on_step: Gets a :class:`StepEvent` as steps begin and end; must be quick.

        Raises:
            CannotAnswerError: If the model says that the schema does not hold the answer.
            ReadOnlyViolationError: If the last statement was refused by the guard.
            QueryError: If the last statement failed, or the database cannot be reached.
            SandboxError: If the last analysis code was refused or failed.
            RateLimitExceededError: If the user's budget is used up.
            RactoGatewayError: What a kit raises.
        """
        wishes = RunWishes(
            user_query=user_query,
            connection_string=connection_string,
            host=host,
            port=port,
            database=database,
            username=username,
            password=password,
            driver=driver,
            engine=engine,
            schema=schema,
            run_pandas=run_pandas,
            run_answer=run_answer,
            chart=chart,
            force_read_only=force_read_only,
            sql_temperature=sql_temperature,
            sql_max_tokens=sql_max_tokens,
            pandas_temperature=pandas_temperature,
            pandas_max_tokens=pandas_max_tokens,
            answer_temperature=answer_temperature,
            answer_max_tokens=answer_max_tokens,
            max_rows=max_rows,
            user_id=user_id,
            session_id=session_id,
            on_step=on_step,
        )
        return run(self._answered(wishes))

    async def arun(
        self,
        user_query: str,
        *,
        connection_string: str | Any | None = None,
        host: str = "localhost",
        port: int | None = 5432,
        database: str | None = None,
        username: str | None = None,
        password: str | None = None,
        driver: str = "postgresql",
        engine: Any = UNSET,
        schema: str | None = None,
        run_pandas: bool | None = None,
        run_answer: bool | None = None,
        chart: ChartWish | Unset = UNSET,
        force_read_only: bool | None = None,
        sql_temperature: float | None = None,
        sql_max_tokens: int | None = None,
        pandas_temperature: float | None = None,
        pandas_max_tokens: int | None = None,
        answer_temperature: float | None = None,
        answer_max_tokens: int | None = None,
        max_rows: int | None = None,
        user_id: str | None = None,
        session_id: str | None = None,
        on_step: StepListener | None = None,
    ) -> SQLAnalystResult:
        """Async twin of :meth:`run`; cancelling it stops the statement, and the analysis code."""
        wishes = RunWishes(
            user_query=user_query,
            connection_string=connection_string,
            host=host,
            port=port,
            database=database,
            username=username,
            password=password,
            driver=driver,
            engine=engine,
            schema=schema,
            run_pandas=run_pandas,
            run_answer=run_answer,
            chart=chart,
            force_read_only=force_read_only,
            sql_temperature=sql_temperature,
            sql_max_tokens=sql_max_tokens,
            pandas_temperature=pandas_temperature,
            pandas_max_tokens=pandas_max_tokens,
            answer_temperature=answer_temperature,
            answer_max_tokens=answer_max_tokens,
            max_rows=max_rows,
            user_id=user_id,
            session_id=session_id,
            on_step=on_step,
        )
        return await arun(self._answered(wishes))

    def _answered(self, wishes: RunWishes) -> Flow[SQLAnalystResult]:
        # Inside of safe mode too: a wrong argument is an error like any other.
        try:
            inquiry = self._defaults.inquiry(wishes)
        except RactoGatewayError as error:
            if not self._safe_mode:
                raise
            return SQLAnalystResult(
                user_query=str(wishes.user_query),
                error=str(error),
                error_type=type(error).__name__,
            )
        return (yield from self._analyst.run(inquiry, self._defaults.connection(wishes)))


class AsyncSQLAnalystPipeline(SQLAnalystPipeline):
    """:class:`SQLAnalystPipeline` whose ``run`` is a coroutine, for those who await everything."""

    async def run(  # type: ignore[override]
        self, user_query: str, **kwargs: Any
    ) -> SQLAnalystResult:
        """Answer one question.

        Args:
            user_query: The question in plain words.
            **kwargs: What :meth:`SQLAnalystPipeline.arun` takes.
        """
        return await self.arun(user_query, **kwargs)
