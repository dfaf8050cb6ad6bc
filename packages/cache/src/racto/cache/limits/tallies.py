"""What limiters report to metrics: grants and refusals, by limit."""

from __future__ import annotations

from racto.core.protocols.metrics import Metrics

from .rules import Verdict

METRIC_GRANTS = "racto.limiter.grants"
METRIC_REFUSALS = "racto.limiter.refusals"


class Tally:
    """Counts verdicts.

    Args:
        metrics: Where they are counted.
        limiter: The limiter's kind, an attribute of each count.
    """

    def __init__(self, metrics: Metrics, limiter: str) -> None:
        self._metrics = metrics
        self._limiter = limiter

    def add(self, verdict: Verdict) -> None:
        """Count one verdict, a refusal under the limit that refuses."""
        attributes = {"limiter": self._limiter}
        if verdict.allowed:
            self._metrics.count(METRIC_GRANTS, 1, attributes)
            return
        # The user's id is no attribute: metrics are for few values.
        attributes["limit"] = verdict.limit.name if verdict.limit else "unreachable"
        self._metrics.count(METRIC_REFUSALS, 1, attributes)
