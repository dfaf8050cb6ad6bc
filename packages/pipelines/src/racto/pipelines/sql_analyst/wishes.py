"""What a run was asked for, and how the pipeline's own settings fill in what was left open."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from .charting import check_chart
from .grounds import Connection
from .progress import StepListener
from .settings import UNSET, Inquiry, ModelSettings, Unset, check_read_only

T = TypeVar("T")

_POSTGRES_PORT = 5432


@dataclass(frozen=True, kw_only=True, slots=True)
class RunWishes:
    """The arguments of :meth:`SQLAnalystPipeline.run`, as they were given."""

    user_query: str
    connection_string: Any = field(default=None, repr=False)
    host: str = "localhost"
    port: int | None = _POSTGRES_PORT
    database: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    driver: str = "postgresql"
    engine: Any = field(default=UNSET, repr=False)
    schema: str | None = None
    run_pandas: bool | None = None
    run_answer: bool | None = None
    chart: Any = UNSET
    force_read_only: bool | None = None
    sql_temperature: float | None = None
    sql_max_tokens: int | None = None
    pandas_temperature: float | None = None
    pandas_max_tokens: int | None = None
    answer_temperature: float | None = None
    answer_max_tokens: int | None = None
    max_rows: int | None = None
    user_id: str | None = None
    session_id: str | None = None
    on_step: StepListener | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RunDefaults:
    """What the pipeline's constructor settled for all its runs.

    Attributes:
        sql: How the SQL is asked for.
        pandas: How the analysis code is asked for.
        answer: How the answer is asked for.
        run_pandas: Whether to run the analysis.
        run_answer: Whether to write the answer.
        chart: The checked chart, or None.
        engine: The engine, or None.
        max_rows: Most rows to fetch.
        user_id: Who asks, unless the run says.
    """

    sql: ModelSettings
    pandas: ModelSettings
    answer: ModelSettings
    run_pandas: bool
    run_answer: bool
    chart: Any
    engine: Any = field(repr=False)
    max_rows: int
    user_id: str | None

    def inquiry(self, wishes: RunWishes) -> Inquiry:
        """The question and how it is to be answered.

        Raises:
            ConfigurationError: If a wish is out of range, or is to let the model write.
            ChartError: If the chart is none.
        """
        check_read_only(wishes.force_read_only)
        return Inquiry(
            question=wishes.user_query,
            schema=wishes.schema,
            run_pandas=_or(wishes.run_pandas, self.run_pandas),
            run_answer=_or(wishes.run_answer, self.run_answer),
            chart=self.chart if isinstance(wishes.chart, Unset) else check_chart(wishes.chart),
            sql=_tuned(self.sql, wishes.sql_temperature, wishes.sql_max_tokens),
            pandas=_tuned(self.pandas, wishes.pandas_temperature, wishes.pandas_max_tokens),
            answer=_tuned(self.answer, wishes.answer_temperature, wishes.answer_max_tokens),
            max_rows=_or(wishes.max_rows, self.max_rows),
            user_id=_or(wishes.user_id, self.user_id),
            session_id=wishes.session_id,
            listener=wishes.on_step,
        )

    def connection(self, wishes: RunWishes) -> Connection:
        """Where the database is: the run's engine, the pipeline's, the string, or the parts."""
        engine = self.engine if isinstance(wishes.engine, Unset) else wishes.engine
        # The default port is PostgreSQL's; nobody who names MySQL means it.
        is_foreign = wishes.port == _POSTGRES_PORT and not wishes.driver.startswith("postgres")
        return Connection(
            engine=engine,
            connection_string=wishes.connection_string,
            parts=(
                ("driver", wishes.driver),
                ("host", wishes.host),
                ("port", None if is_foreign else wishes.port),
                ("database", wishes.database),
                ("username", wishes.username),
                ("password", wishes.password),
            ),
        )


def _or(wish: T | None, default: T) -> T:
    return default if wish is None else wish


def _tuned(
    settings: ModelSettings, temperature: float | None, max_tokens: int | None
) -> ModelSettings:
    # As in nearly every run.
    if temperature is None and max_tokens is None:
        return settings
    return replace(
        settings,
        temperature=_or(temperature, settings.temperature),
        max_tokens=_or(max_tokens, settings.max_tokens),
    )
