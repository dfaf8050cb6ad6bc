"""The limits of a limiter, made ready to be applied, and what they decide about a call."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from racto.cache.config import RateLimit, RateLimitConfig
from racto.core.errors import RateLimitExceededError

from .windows import slice_width

HOLD_SECONDS = 3600
"""Seconds beyond the longest window in which a reservation can be settled."""

_LONGEST_ID = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One limit, made ready to be applied to a call.

    Attributes:
        limit: The setting.
        amount: Its budget.
        width: Microseconds of a slice of its window.
        counts_tokens: Whether it counts tokens; else each call is 1.
    """

    limit: RateLimit
    amount: int
    width: int
    counts_tokens: bool

    def holder(self, user_id: str, model: str) -> str:
        """Whose budget a call uses."""
        scope = self.limit.scope
        return user_id if scope == "user" else model if scope == "model" else ""

    def cost(self, tokens: int) -> int:
        """What a call of so many tokens costs."""
        return tokens if self.counts_tokens else 1


class Verdict(NamedTuple):
    """Whether a call may go on.

    Attributes:
        allowed: Whether it fits into all limits.
        limit: The limit that refuses it, the one with the longest wait; None when none does.
        retry_after: Seconds until it would fit; ``inf`` when never.
        mark: Mark of the reservation, where one was made.
    """

    allowed: bool
    limit: RateLimit | None = None
    retry_after: float = 0.0
    mark: str = ""


GRANTED = Verdict(True)


def rules_of(config: RateLimitConfig) -> tuple[Rule, ...]:
    """The rules of a configuration, in its order."""
    return tuple(
        Rule(
            limit=limit,
            amount=limit.amount,
            width=slice_width(limit.seconds),
            counts_tokens=limit.what == "tokens",
        )
        for limit in config.in_force
    )


def hold_microseconds(rules: tuple[Rule, ...]) -> int:
    """How long a reservation can be settled, in microseconds."""
    longest = max(rule.limit.seconds for rule in rules)
    return round((longest + HOLD_SECONDS) * 1_000_000)


def check_call(user_id: str, tokens: int) -> None:
    """Refuse what is no user's id or no amount.

    Raises:
        ValueError: If ``tokens`` is no whole number of at least 1, or ``user_id`` is no string.
    """
    if type(tokens) is not int or tokens < 1:
        raise ValueError(f"tokens must be a whole number of at least 1, not {tokens!r}")
    if not isinstance(user_id, str):
        raise ValueError(f"user_id must be a string, not {type(user_id).__name__}")


def check_used(used: int) -> None:
    """Refuse what cannot have been used.

    Raises:
        ValueError: If ``used`` is no whole number of at least 0.
    """
    if type(used) is not int or used < 0:
        raise ValueError(f"used must be a whole number of at least 0, not {used!r}")


def never(rules: tuple[Rule, ...], tokens: int) -> Verdict | None:
    """The verdict on a call that is larger than a whole budget; None when it may fit some day."""
    for rule in rules:
        if tokens > rule.amount and rule.counts_tokens:
            return Verdict(False, rule.limit, math.inf)
    return None


def remaining(rules: tuple[Rule, ...], used: list[int]) -> int:
    """The most that one call could take now.

    Args:
        rules: The limits.
        used: What is used of each.

    Returns:
        The least that is left of the limits on tokens, 0 when no request is left; of limits on
        requests alone, the least that is left of them.
    """
    left = [max(0, rule.amount - taken) for rule, taken in zip(rules, used, strict=True)]
    tokens = [rest for rule, rest in zip(rules, left, strict=True) if rule.counts_tokens]
    return min(tokens or left) if min(left) else 0


def refusal(verdict: Verdict, user_id: str, tokens: int) -> RateLimitExceededError:
    """The error for a call that was refused; names the limit and when to try again."""
    shown = user_id if len(user_id) <= _LONGEST_ID else f"{user_id[:_LONGEST_ID]}..."
    wait = verdict.retry_after
    limit = verdict.limit
    if limit is None:
        text = f"the rate limiter cannot be reached, and refuses {tokens} tokens of {shown!r}"
        return RateLimitExceededError(f"{text}; try again later", retry_after=wait)
    share = "for all" if limit.scope == "global" else f"for each {limit.scope}"
    rule = f"{limit.amount} {limit.what} in {limit.seconds:g} s {share}"
    text = f"the rate limit {limit.name!r} ({rule}) refuses {tokens} tokens of {shown!r}"
    if math.isinf(wait):
        return RateLimitExceededError(f"{text}: it is more than the whole limit", retryable=False)
    return RateLimitExceededError(f"{text}; it fits in {wait:.3f} s", retry_after=wait)
