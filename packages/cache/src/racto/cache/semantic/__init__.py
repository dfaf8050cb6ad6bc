"""Semantic caches and the calibration of their threshold."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .cache import SemanticCache as SemanticCache
    from .calibration import (
        acalibrate as acalibrate,
        calibrate as calibrate,
    )
    from .pairs import (
        LabelledPair as LabelledPair,
        read_pairs as read_pairs,
    )
    from .plot import write_plot as write_plot
    from .reports import (
        CalibrationReport as CalibrationReport,
        ThresholdFigures as ThresholdFigures,
    )
    from .store import StoreSemanticCache as StoreSemanticCache

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "cache": "SemanticCache",
        "calibration": "acalibrate calibrate",
        "pairs": "LabelledPair read_pairs",
        "plot": "write_plot",
        "reports": "CalibrationReport ThresholdFigures",
        "store": "StoreSemanticCache",
    },
)
