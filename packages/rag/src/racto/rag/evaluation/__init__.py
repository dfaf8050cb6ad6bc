"""How well retrieval ranks on a judged collection, and whether answers keep to their sources."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .collection import (
        BeirCollection as BeirCollection,
        load_beir as load_beir,
    )
    from .faithfulness import (
        ClaimVerdict as ClaimVerdict,
        Faithfulness as Faithfulness,
        FaithfulnessJudge as FaithfulnessJudge,
    )
    from .plot import write_plot as write_plot
    from .report import (
        EvaluationReport as EvaluationReport,
        QueryScores as QueryScores,
    )
    from .trial import (
        aevaluate as aevaluate,
        evaluate as evaluate,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "collection": "BeirCollection load_beir",
        "faithfulness": "ClaimVerdict Faithfulness FaithfulnessJudge",
        "plot": "write_plot",
        "report": "EvaluationReport QueryScores",
        "trial": "aevaluate evaluate",
    },
)
