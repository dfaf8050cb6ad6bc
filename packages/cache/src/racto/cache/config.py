"""The settings of caches, chat memories and rate limiters, checked when they are made."""

from __future__ import annotations

from typing import Literal, Self, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

Measure: TypeAlias = Literal["tokens", "requests"]
"""What a rate limit counts."""

Scope: TypeAlias = Literal["user", "model", "global"]
"""Who shares the budget of a rate limit: each user has one, each model has one, or all share one."""

MOST = 2**53 - 1
"""Largest amount of a limit: the last whole number that a script on Redis can tell from the next."""

LONGEST = 3650 * 86_400.0
"""Longest time that a setting may name, in seconds: ten years."""


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class CacheConfig(_Settings):
    """The settings of a cache in this process.

    Attributes:
        max_size: Most entries; 0 for no limit. The one used longest ago goes first.
        ttl_seconds: Seconds to keep an entry, fractions too; None keeps it until it must go.
        max_bytes: Most bytes of all entries together, as far as their size can be told; None for
            no limit.
        keep_tool_calls: Whether replies that ask for tools are kept.
        stale_seconds: Seconds after its time in which an entry is still served by
            ``get_or_compute``, while a new reply is fetched behind it; None for never.
        negative_ttl_seconds: Seconds in which a failure that no retry can mend is raised again
            by ``get_or_compute`` without a call; None, the default, remembers no failure.
    """

    max_size: int = Field(default=1024, ge=0)
    ttl_seconds: float | None = Field(default=None, gt=0.0)
    max_bytes: int | None = Field(default=None, gt=0)
    keep_tool_calls: bool = False
    stale_seconds: float | None = Field(default=None, gt=0.0)
    negative_ttl_seconds: float | None = Field(default=None, gt=0.0)


class ChatMemoryConfig(_Settings):
    """The settings of a chat memory.

    Attributes:
        max_turns: Most turns to keep; a turn is one message of the user and one of the assistant,
            so at most twice as many messages are kept.
        ttl_seconds: Seconds to keep a conversation after its last message, fractions too; None
            keeps it.
        key_prefix: Namespace of the keys on a server.
        max_tokens: Most tokens that ``messages`` and ``get_history`` return together; None for all
            that is kept. What does not fit stays in the memory.
    """

    max_turns: int = Field(default=10, gt=0, le=1_000_000)
    ttl_seconds: float | None = Field(default=None, gt=0.0, le=LONGEST)
    key_prefix: str = Field(default="racto:memory", min_length=1)
    max_tokens: int | None = Field(default=None, gt=0)


class RateLimit(_Settings):
    """One budget over a sliding window of time.

    Attributes:
        name: What errors and metrics call it.
        amount: Most of what is counted in any window of this length.
        seconds: Length of the window, a millisecond to ten years.
        what: Whether tokens or requests are counted; each call is one request.
        scope: Who shares the budget.
    """

    name: str = Field(min_length=1, max_length=100)
    amount: int = Field(gt=0, le=MOST)
    seconds: float = Field(default=60.0, ge=0.001, le=LONGEST)
    what: Measure = "tokens"
    scope: Scope = "user"


class RateLimitConfig(_Settings):
    """The settings of a rate limiter.

    Attributes:
        max_tokens_per_minute: Budget of each user over a minute, under the name ``user``. Beside
            ``limits`` its default does not hold; give it there when it should.
        key_prefix: Namespace of the keys on a server.
        limits: Several budgets with names of their own; a call must fit into all of them.
    """

    max_tokens_per_minute: int = Field(default=10_000, gt=0, le=MOST)
    key_prefix: str = Field(default="racto:ratelimit", min_length=1)
    limits: tuple[RateLimit, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [limit.name for limit in self.in_force]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"limits: the name {twice[0]!r} is used twice; give each its own")
        return self

    @property
    def in_force(self) -> tuple[RateLimit, ...]:
        """All limits that hold, that of ``max_tokens_per_minute`` first."""
        # A default of which nobody wrote a word must not tighten limits that somebody wrote.
        if self.limits and "max_tokens_per_minute" not in self.model_fields_set:
            return self.limits
        return (RateLimit(name="user", amount=self.max_tokens_per_minute), *self.limits)
