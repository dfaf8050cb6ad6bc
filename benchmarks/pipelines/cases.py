"""What is asked of racto-pipelines: little time around the model and the database."""

from __future__ import annotations

from .analyst_cases import ANALYST_CASES
from .charts import CHART_CASES
from .classifier_cases import CLASSIFIER_CASES
from .sandbox import SANDBOX_CASES

CASES = [*ANALYST_CASES, *CHART_CASES, *CLASSIFIER_CASES, *SANDBOX_CASES]
