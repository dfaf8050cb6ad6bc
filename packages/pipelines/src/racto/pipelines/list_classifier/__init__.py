"""The list classifier: texts in, options of a list out, checked, explained and evaluated."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .async_pipeline import (
        AsyncListClassifierPipeline as AsyncListClassifierPipeline,
    )
    from .evaluation.calibration import (
        CalibrationReport as CalibrationReport,
        ReliabilityBin as ReliabilityBin,
    )
    from .evaluation.outcomes import (
        Outcome as Outcome,
    )
    from .evaluation.report import (
        EvaluationReport as EvaluationReport,
        LabelScores as LabelScores,
    )
    from .pipeline import (
        ListClassifierPipeline as ListClassifierPipeline,
    )
    from .results import (
        AuditEntry as AuditEntry,
        ClassifierResult as ClassifierResult,
        ClassifierUsage as ClassifierUsage,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "async_pipeline": "AsyncListClassifierPipeline",
        "evaluation.calibration": "CalibrationReport ReliabilityBin",
        "evaluation.outcomes": "Outcome",
        "evaluation.report": "EvaluationReport LabelScores",
        "pipeline": "ListClassifierPipeline",
        "results": "AuditEntry ClassifierResult ClassifierUsage",
    },
)
