"""Token usage in disjoint buckets, so that sums are right whichever provider reported them.

Anthropic counts cached tokens beside the input, OpenAI and Gemini inside it. Here every input
token is in exactly one of ``input_tokens``, ``cache_read_tokens``, ``cache_write_5m_tokens`` and
``cache_write_1h_tokens``; ``reasoning_tokens`` is a part of ``output_tokens``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

Tokens = Field(default=0, ge=0)


class UsageState(StrEnum):
    """How far a usage report can be trusted."""

    MEASURED = "measured"
    PARTIAL = "partial"
    UNKNOWN = "unknown"


class Usage(BaseModel):
    """Tokens of one or more model calls.

    Also reads like the reference's dictionary: ``usage["prompt_tokens"]``,
    ``usage.get("total_tokens")``.

    Attributes:
        input_tokens: Input tokens that were neither read from nor written to a cache.
        cache_read_tokens: Input tokens read from the provider's prompt cache.
        cache_write_5m_tokens: Input tokens written to a cache for five minutes (or the
            provider's only term).
        cache_write_1h_tokens: Input tokens written to a cache for one hour or longer.
        output_tokens: All generated tokens, reasoning included.
        reasoning_tokens: The part of ``output_tokens`` spent on thinking.
        cost: Price in ``currency``; None when a price is unknown.
        state: ``measured`` when the provider reported all (what counts imply unless told
            otherwise), ``partial`` when a stream was cut or a part of a sum is unknown,
            ``unknown`` when nothing was reported.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    input_tokens: int = Tokens
    cache_read_tokens: int = Tokens
    cache_write_5m_tokens: int = Tokens
    cache_write_1h_tokens: int = Tokens
    output_tokens: int = Tokens
    reasoning_tokens: int = Tokens
    cost: float | None = None
    currency: str = "USD"
    state: UsageState = UsageState.UNKNOWN

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_measured(cls, data: Any) -> Any:
        # Counts that somebody gives were measured, unless he says otherwise.
        if isinstance(data, Mapping) and "state" not in data and any(map(data.get, _BUCKETS)):
            return {**data, "state": UsageState.MEASURED}
        return data

    @model_validator(mode="after")
    def _reasoning_is_a_part(self) -> Usage:
        if self.reasoning_tokens > self.output_tokens:
            raise ValueError("reasoning_tokens is a part of output_tokens and cannot exceed it")
        return self

    @classmethod
    def nothing(cls) -> Usage:
        """The usage of no call at all: the neutral start of a sum."""
        return cls(cost=0.0, state=UsageState.MEASURED)

    @property
    def prompt_tokens(self) -> int:
        """All input tokens, cached ones included."""
        return (
            self.input_tokens
            + self.cache_read_tokens
            + self.cache_write_5m_tokens
            + self.cache_write_1h_tokens
        )

    @property
    def completion_tokens(self) -> int:
        """All generated tokens."""
        return self.output_tokens

    @property
    def total_tokens(self) -> int:
        """Input and output together."""
        return self.prompt_tokens + self.output_tokens

    def __add__(self, other: Usage) -> Usage:
        """The usage of two different calls together; nothing known is lost.

        A part that was not measured makes the sum partial, a part without a price makes the
        cost unknown. Begin a sum with :meth:`nothing`.
        """
        if not isinstance(other, Usage):
            return NotImplemented
        sums = {name: getattr(self, name) + getattr(other, name) for name in _BUCKETS}
        return Usage(
            **sums,
            cost=_sum_cost(self, other),
            currency=other.currency if _is_nothing(self) else self.currency,
            state=_sum_state(self, other),
        )

    def merge(self, later: Usage) -> Usage:
        """Two reports about the same call, as a stream sends them; the larger count stands.

        Providers report cumulative numbers, some buckets early and some late, so no bucket and
        no cost ever shrinks, the better state stands, and a report without numbers changes
        nothing. The order of the reports does not matter, as long as they share a currency.
        """
        most = {name: max(getattr(self, name), getattr(later, name)) for name in _BUCKETS}
        priced = max(
            (one for one in (later, self) if one.cost is not None),
            key=lambda one: one.cost or 0.0,
            default=self,
        )
        return Usage(
            **most,
            cost=priced.cost,
            currency=priced.currency,
            state=min(self.state, later.state, key=_STATES.index),
        )

    def __getitem__(self, name: str) -> int:
        if name in _KEYS:
            return int(getattr(self, name))
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        """The count under one of the reference's keys, or ``default``."""
        return self[name] if name in _KEYS else default

    def __contains__(self, name: object) -> bool:
        return name in _KEYS

    def items(self) -> Iterator[tuple[str, int]]:
        """The names and their counts, as a dictionary's."""
        return ((name, self[name]) for name in _KEYS)

    def keys(self) -> Iterator[str]:
        """The names under which counts can be read, so that ``dict(**usage)`` works."""
        return iter(_KEYS)


_BUCKETS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
)
_KEYS = ("prompt_tokens", "completion_tokens", "total_tokens", *_BUCKETS)


# From the best known to the least.
_STATES = (UsageState.MEASURED, UsageState.PARTIAL, UsageState.UNKNOWN)


def _sum_state(one: Usage, two: Usage) -> UsageState:
    if one.state is two.state or _is_nothing(two):
        return one.state
    return two.state if _is_nothing(one) else UsageState.PARTIAL


def _is_nothing(usage: Usage) -> bool:
    return usage.state is UsageState.MEASURED and not usage.total_tokens and usage.cost == 0


def _sum_cost(one: Usage, two: Usage) -> float | None:
    if _is_nothing(one):
        return two.cost
    if _is_nothing(two):
        return one.cost
    if one.cost is None or two.cost is None or one.currency != two.currency:
        return None
    return one.cost + two.cost
