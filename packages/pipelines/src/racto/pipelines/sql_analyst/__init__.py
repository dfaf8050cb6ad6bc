"""The SQL analyst: a question in, guarded SQL, rows, analysis, chart and answer out."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .attempts import Attempt as Attempt
    from .pipeline import (
        AsyncSQLAnalystPipeline as AsyncSQLAnalystPipeline,
        SQLAnalystPipeline as SQLAnalystPipeline,
    )
    from .progress import StepEvent as StepEvent
    from .results import SQLAnalystResult as SQLAnalystResult
    from .usage import PipelineUsage as PipelineUsage

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "attempts": "Attempt",
        "pipeline": "AsyncSQLAnalystPipeline SQLAnalystPipeline",
        "progress": "StepEvent",
        "results": "SQLAnalystResult",
        "usage": "PipelineUsage",
    },
)
