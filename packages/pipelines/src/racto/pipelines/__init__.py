"""Pipelines: an SQL analyst that can be trusted with a database, and an exact list classifier."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .errors import (
        CannotAnswerError as CannotAnswerError,
        ChartError as ChartError,
        ClassifierRateLimitExceededError as ClassifierRateLimitExceededError,
        QueryError as QueryError,
        QueryLimitError as QueryLimitError,
        ReadOnlyViolationError as ReadOnlyViolationError,
        SandboxError as SandboxError,
        SandboxLimitError as SandboxLimitError,
        SandboxUnavailableError as SandboxUnavailableError,
        SandboxViolationError as SandboxViolationError,
    )
    from .list_classifier import (
        AsyncListClassifierPipeline as AsyncListClassifierPipeline,
        AuditEntry as AuditEntry,
        CalibrationReport as CalibrationReport,
        ClassifierResult as ClassifierResult,
        ClassifierUsage as ClassifierUsage,
        EvaluationReport as EvaluationReport,
        ListClassifierPipeline as ListClassifierPipeline,
    )
    from .sql_analyst import (
        AsyncSQLAnalystPipeline as AsyncSQLAnalystPipeline,
        PipelineUsage as PipelineUsage,
        SQLAnalystPipeline as SQLAnalystPipeline,
        SQLAnalystResult as SQLAnalystResult,
        StepEvent as StepEvent,
    )
    from .sql_analyst.charts import (
        Chart as Chart,
        ChartSpec as ChartSpec,
        draw as draw,
        write_chart as write_chart,
    )
    from .sql_analyst.database import (
        AccessPolicy as AccessPolicy,
        Database as Database,
        DatabaseConnectionError as DatabaseConnectionError,
        DoctorReport as DoctorReport,
        QueryLimits as QueryLimits,
        QueryRows as QueryRows,
        SchemaOptions as SchemaOptions,
        role_script as role_script,
    )
    from .sql_analyst.guard import (
        ReadOnlySQLGuard as ReadOnlySQLGuard,
        TableSchema as TableSchema,
        Verdict as Verdict,
    )
    from .sql_analyst.sandbox import (
        AnalysisSandbox as AnalysisSandbox,
        SandboxResult as SandboxResult,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "errors": "CannotAnswerError ChartError ClassifierRateLimitExceededError QueryError "
        "QueryLimitError ReadOnlyViolationError SandboxError SandboxLimitError "
        "SandboxUnavailableError SandboxViolationError",
        "list_classifier": "AsyncListClassifierPipeline AuditEntry CalibrationReport "
        "ClassifierResult ClassifierUsage EvaluationReport ListClassifierPipeline",
        "sql_analyst": "AsyncSQLAnalystPipeline PipelineUsage SQLAnalystPipeline SQLAnalystResult "
        "StepEvent",
        "sql_analyst.charts": "Chart ChartSpec draw write_chart",
        "sql_analyst.database": "AccessPolicy Database DatabaseConnectionError DoctorReport "
        "QueryLimits QueryRows SchemaOptions role_script",
        "sql_analyst.guard": "ReadOnlySQLGuard TableSchema Verdict",
        "sql_analyst.sandbox": "AnalysisSandbox SandboxResult",
    },
)
