"""Accidents are tried again, final errors are put aside, and a broken set-up stops the stream."""

import pytest

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    QuotaExhaustedError,
    RactoGatewayAuthError,
    RateLimitError,
    UnsupportedFeatureError,
)
from racto.core.retries import RetryPolicy
from racto.kafka.verdicts import Verdict, is_transient, verdict

POLICY = RetryPolicy(attempts=3, base=1.0, jitter="none", patience=10)


@pytest.mark.parametrize(
    ("error", "attempts", "expected"),
    [
        (ValueError("oops"), 1, (Verdict.RETRY, 1.0)),
        (ValueError("oops"), 2, (Verdict.RETRY, 2.0)),
        (ValueError("oops"), 3, (Verdict.GIVE_UP, 0.0)),
        (APIConnectionError("away"), 1, (Verdict.RETRY, 1.0)),
        (RateLimitError("slow", retry_after=5.0), 1, (Verdict.RETRY, 5.0)),
        (RateLimitError("slow", retry_after=50.0), 1, (Verdict.GIVE_UP, 0.0)),
        (BadRequestError("bad"), 1, (Verdict.GIVE_UP, 0.0)),
        (UnsupportedFeatureError("no pictures", feature="pictures"), 1, (Verdict.GIVE_UP, 0.0)),
        (ConfigurationError("no topic"), 1, (Verdict.STOP, 0.0)),
        (RactoGatewayAuthError("no key"), 1, (Verdict.STOP, 0.0)),
        (QuotaExhaustedError("no money"), 1, (Verdict.STOP, 0.0)),
    ],
)
def test_verdicts(error: Exception, attempts: int, expected: tuple[Verdict, float]) -> None:
    assert verdict(error, attempts, POLICY) == expected


def test_only_an_error_that_says_so_is_transient() -> None:
    assert is_transient(APIConnectionError("away"))
    assert not is_transient(ValueError("oops"))
    assert not is_transient(BadRequestError("bad"))
