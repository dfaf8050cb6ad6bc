"""Rules: whose budget a call uses, what is left, and how a refusal reads."""

from __future__ import annotations

import math

import pytest

from racto.cache import RateLimit, RateLimitConfig
from racto.cache.limits.rules import (
    Verdict,
    check_call,
    check_used,
    hold_microseconds,
    never,
    refusal,
    remaining,
    rules_of,
)

THREE = RateLimitConfig(
    limits=(
        RateLimit(name="mine", amount=100),
        RateLimit(name="model", amount=50, scope="model", seconds=10),
        RateLimit(name="calls", amount=3, what="requests", scope="global", seconds=3600),
    )
)


def test_each_scope_has_its_holder() -> None:
    rules = rules_of(THREE)
    assert [rule.holder("ann", "gpt") for rule in rules] == ["ann", "gpt", ""]
    assert [rule.cost(7) for rule in rules] == [7, 7, 1]
    assert hold_microseconds(rules) == 7200 * 1_000_000


def test_what_is_left_is_the_least() -> None:
    rules = rules_of(THREE)
    assert remaining(rules, [0, 0, 0]) == 50
    assert remaining(rules, [80, 0, 0]) == 20
    assert remaining(rules, [0, 60, 0]) == 0
    assert remaining(rules, [0, 0, 3]) == 0
    assert remaining(rules[2:], [1]) == 2


def test_more_than_a_whole_budget_never_fits() -> None:
    rules = rules_of(THREE)
    assert never(rules, 50) is None
    found = never(rules, 51)
    assert found is not None
    assert found.limit is rules[1].limit
    assert math.isinf(found.retry_after)
    assert never(rules[2:], 10**30) is None


def test_a_refusal_names_the_limit_and_the_wait() -> None:
    limit = THREE.limits[1]
    error = refusal(Verdict(False, limit, 2.5), "u" * 500, 7)
    assert "'model' (50 tokens in 10 s for each model) refuses 7 tokens" in error.message
    assert "it fits in 2.500 s" in error.message
    assert len(error.message) < 250
    assert (error.retry_after, error.retryable) == (2.5, True)


def test_a_refusal_for_ever_is_not_to_be_retried() -> None:
    error = refusal(Verdict(False, THREE.limits[2], math.inf), "ann", 7)
    assert "3 requests in 3600 s for all" in error.message
    assert not error.retryable
    assert error.retry_after is None


def test_a_refusal_without_a_server_says_so() -> None:
    error = refusal(Verdict(False, None, 1.0), "ann", 7)
    assert "cannot be reached" in error.message
    assert error.retry_after == 1.0


@pytest.mark.parametrize("tokens", [0, -1, 1.5, True, "3", None])
def test_amounts_are_whole_and_positive(tokens: object) -> None:
    with pytest.raises(ValueError, match="tokens must be a whole number of at least 1"):
        check_call("ann", tokens)  # type: ignore[arg-type]


@pytest.mark.parametrize("used", [-1, 1.5, None])
def test_what_was_used_is_whole(used: object) -> None:
    with pytest.raises(ValueError, match="used must be a whole number of at least 0"):
        check_used(used)  # type: ignore[arg-type]


def test_users_are_named_by_strings() -> None:
    with pytest.raises(ValueError, match="user_id must be a string, not bytes"):
        check_call(b"ann", 1)  # type: ignore[arg-type]
