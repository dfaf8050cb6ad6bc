"""Evaluation: accuracy, macro-F1, confusion and calibration on texts whose labels are known."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .calibration import (
        CalibrationReport as CalibrationReport,
        ReliabilityBin as ReliabilityBin,
    )
    from .outcomes import (
        Outcome as Outcome,
    )
    from .report import (
        EvaluationReport as EvaluationReport,
        LabelScores as LabelScores,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "calibration": "CalibrationReport ReliabilityBin",
        "outcomes": "Outcome",
        "report": "EvaluationReport LabelScores",
    },
)
