"""What limiters report: few names, few values."""

from __future__ import annotations

from racto.cache import LocalRateLimiter, RateLimitConfig
from racto.cache.limits.rules import Verdict
from racto.cache.limits.tallies import METRIC_GRANTS, METRIC_REFUSALS, Tally
from racto.core.telemetry import RecordingMetrics


def test_grants_and_refusals_are_counted_by_limit() -> None:
    metrics = RecordingMetrics()
    limiter = LocalRateLimiter(RateLimitConfig(max_tokens_per_minute=5), metrics=metrics)
    for tokens in (3, 2, 1, 9):
        limiter.check_and_consume("ann", tokens)
    assert metrics.total(METRIC_GRANTS, limiter="local") == 2
    assert metrics.total(METRIC_REFUSALS, limiter="local", limit="user") == 2


def test_a_refusal_without_a_server_has_a_name_too() -> None:
    metrics = RecordingMetrics()
    Tally(metrics, "redis").add(Verdict(False, None, 1.0))
    assert metrics.total(METRIC_REFUSALS, limit="unreachable") == 1
