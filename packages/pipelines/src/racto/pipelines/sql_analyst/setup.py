"""How a pipeline is put together: its settings checked, its parts made, its ends closed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run
from racto.core.prompts import RactoPrompt
from racto.core.protocols.audits import AuditLogger
from racto.core.protocols.caches import ExactCache
from racto.core.protocols.chat import ChatKit
from racto.core.protocols.embedders import Embedder
from racto.core.protocols.limiters import RateLimiter
from racto.core.protocols.memories import ChatMemory
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.retrievers import Retriever
from racto.core.protocols.tracing import Tracer

from .analysis import Analyser
from .analyst import Analyst
from .answering import Respondent
from .asking import ReplyShelf
from .audits import AuditDesk
from .charting import Draughtsman, check_chart
from .charts import ChartSpec
from .conversations import Conversations
from .database import AccessPolicy, QueryLimits, SchemaOptions
from .grounds import DatabaseShelf, Surveyor
from .limits import Turnstile
from .querying import Querist
from .settings import ModelSettings, SandboxMode, check_engine, check_names, check_read_only
from .tracing import Observer
from .wishes import RunDefaults
from .workshop import Workshop

if TYPE_CHECKING:
    from .sandbox import AnalysisSandbox

ChartWish: TypeAlias = ChartSpec | Mapping[str, Any] | str | None
"""What may be asked for as a chart: ``"auto"``, a spec, a dictionary of its fields, or None."""


class AnalystSetup:
    """The constructor of :class:`SQLAnalystPipeline`, which describes its parameters."""

    def __init__(
        self,
        kit: ChatKit,
        *,
        sql_kit: ChatKit | None = None,
        pandas_kit: ChatKit | None = None,
        answer_kit: ChatKit | None = None,
        sql_prompt: RactoPrompt | str | None = None,
        pandas_prompt: RactoPrompt | str | None = None,
        answer_prompt: RactoPrompt | str | None = None,
        sql_temperature: float | None = 0.0,
        sql_max_tokens: int = 1024,
        pandas_temperature: float | None = 0.0,
        pandas_max_tokens: int = 2048,
        answer_temperature: float | None = 0.3,
        answer_max_tokens: int = 2048,
        run_pandas: bool = True,
        run_answer: bool = True,
        chart: ChartWish = "auto",
        force_read_only: bool = True,
        tracer: Tracer | None = None,
        metrics: Metrics | None = None,
        engine: Any = None,
        max_sql_retries: int = 2,
        max_rows: int = 10_000,
        schema_cache_ttl: float = 3600.0,
        schema_include_indexes: bool = True,
        schema_include_row_counts: bool = False,
        schema_include_sample_values: bool = False,
        schema_sample_value_limit: int = 8,
        allowed_tables: Sequence[str] | None = None,
        blocked_columns: Sequence[str] | None = None,
        mask_columns: Sequence[str] | None = None,
        table_docs: Mapping[str, str] | None = None,
        column_docs: Mapping[str, Mapping[str, str]] | None = None,
        safe_mode: bool = False,
        analysis_engine: Literal["pandas", "polars"] = "pandas",
        memory: ChatMemory | Any | None = None,
        rate_limiter: RateLimiter | Any | None = None,
        user_id: str | None = None,
        sandbox: AnalysisSandbox | SandboxMode = "locked",
        sandbox_timeout_s: float = 10.0,
        sandbox_memory_bytes: int = 1 << 30,
        timeout_s: float = 30.0,
        max_bytes: int = 64 << 20,
        max_plan_cost: float | None = None,
        schema_token_budget: int | None = 12_000,
        schema_max_tables: int = 12,
        table_finder: Retriever | Embedder | None = None,
        sql_cache: ExactCache | None = None,
        audit_logger: AuditLogger | None = None,
        max_code_retries: int = 1,
        structured_sql: bool = False,
        follow_ups: int = 0,
        reserve_tokens: int = 1000,
    ) -> None:
        # Everything that can be wrong is found here, and not in the first run.
        check_read_only(force_read_only)
        _check_counts(max_sql_retries=max_sql_retries, max_code_retries=max_code_retries,
                      follow_ups=follow_ups, schema_cache_ttl=schema_cache_ttl)  # fmt: skip
        library = check_engine(analysis_engine)
        observer = Observer(tracer, metrics)
        self._safe_mode = safe_mode
        # Kept beside the analyst, because they are what has to be closed.
        self._shelf = DatabaseShelf(ttl_s=schema_cache_ttl)
        self._workshop = Workshop(
            sandbox,
            engine=library,
            timeout_s=sandbox_timeout_s,
            memory_bytes=sandbox_memory_bytes,
        )
        self._defaults = RunDefaults(
            sql=ModelSettings(
                kit=sql_kit or kit,
                prompt=sql_prompt,
                temperature=sql_temperature,
                max_tokens=sql_max_tokens,
            ),
            pandas=ModelSettings(
                kit=pandas_kit or kit,
                prompt=pandas_prompt,
                temperature=pandas_temperature,
                max_tokens=pandas_max_tokens,
            ),
            answer=ModelSettings(
                kit=answer_kit or kit,
                prompt=answer_prompt,
                temperature=answer_temperature,
                max_tokens=answer_max_tokens,
            ),
            run_pandas=run_pandas,
            run_answer=run_answer,
            chart=check_chart(chart),
            engine=engine,
            max_rows=max_rows,
            user_id=user_id,
        )
        # One policy for schema, guard, masks and the database's own checks.
        surveyor = Surveyor(
            AccessPolicy(
                allowed_tables=check_names(allowed_tables, "allowed_tables"),
                blocked_columns=check_names(blocked_columns, "blocked_columns") or (),
                mask_columns=check_names(mask_columns, "mask_columns") or (),
                table_docs=table_docs or {},
                column_docs=column_docs or {},
            ),
            options=SchemaOptions(
                include_indexes=schema_include_indexes,
                include_row_counts=schema_include_row_counts,
                include_samples=schema_include_sample_values,
                sample_limit=schema_sample_value_limit,
            ),
            limits=QueryLimits(
                max_rows=max_rows,
                max_bytes=max_bytes,
                timeout_s=timeout_s,
                max_plan_cost=max_plan_cost,
            ),
            token_budget=schema_token_budget,
            max_tables=schema_max_tables,
            finder=table_finder,
        )
        self._analyst = Analyst(
            turnstile=Turnstile(rate_limiter, estimate=reserve_tokens),
            shelf=self._shelf,
            surveyor=surveyor,
            querist=Querist(
                observer,
                shelf=ReplyShelf(sql_cache),
                retries=max_sql_retries,
                structured=structured_sql,
            ),
            analyser=Analyser(observer, engine=library, retries=max_code_retries),
            respondent=Respondent(observer, follow_ups=follow_ups),
            draughtsman=Draughtsman(observer),
            conversations=Conversations(memory),
            audit=AuditDesk(audit_logger),
            observer=observer,
            workshop=self._workshop,
            safe_mode=safe_mode,
        )

    def clear_schema_cache(self) -> None:
        """Forget the schemas that are kept, after tables have changed."""
        self._shelf.forget_schemas()

    def close(self) -> None:
        """Close connections and processes that the pipeline opened; what was handed in stays."""
        run(self._closing())

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await arun(self._closing())

    def _closing(self) -> Flow[None]:
        # Connections first: a statement under way may hold locks.
        yield from self._shelf.close()
        yield from self._workshop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()


def _check_counts(**counts: float) -> None:
    for name, count in counts.items():
        if not count >= 0:
            raise ConfigurationError(f"{name} is {count}, and may not be below 0")
