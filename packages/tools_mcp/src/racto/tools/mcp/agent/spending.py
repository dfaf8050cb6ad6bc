"""Adds up what many replies cost, in plain numbers, by the rules by which ``Usage`` adds."""

from __future__ import annotations

from operator import attrgetter

from racto.core.usage import Usage, UsageState

_BUCKETS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
)
_counts = attrgetter(*_BUCKETS)
_REASONING = 1


class Spending:
    """A sum of usages; adding to it costs a fraction of adding two :class:`~racto.core.Usage`.

    Attributes:
        is_empty: Whether nothing was added that counts.
        cost: The price so far; None when a part of it is unknown.
        tokens: Input and output tokens so far.
    """

    def __init__(self) -> None:
        self.is_empty = True
        self.cost: float | None = 0.0
        self.tokens = 0
        self._sums: tuple[int, ...] = (0,) * len(_BUCKETS)
        self._currency = "USD"
        self._state = UsageState.MEASURED

    @property
    def is_known(self) -> bool:
        """Whether anything was spent that somebody counted."""
        return not self.is_empty and self._state is not UsageState.UNKNOWN

    @property
    def usage(self) -> Usage:
        """The sum as usage."""
        sums = dict(zip(_BUCKETS, self._sums, strict=True))
        return Usage(**sums, cost=self.cost, currency=self._currency, state=self._state)

    def add(self, usage: Usage) -> None:
        """Add the usage of another call."""
        counts = _counts(usage)
        # Reasoning is a part of the output.
        tokens = sum(counts) - counts[-_REASONING]
        if not tokens and usage.cost == 0 and usage.state is UsageState.MEASURED:
            return
        self.tokens += tokens
        self._sums = tuple(map(int.__add__, self._sums, counts))
        if self.is_empty:
            self.is_empty = False
            self.cost, self._currency, self._state = usage.cost, usage.currency, usage.state
            return
        if usage.state is not self._state:
            self._state = UsageState.PARTIAL
        if self.cost is None or usage.cost is None or usage.currency != self._currency:
            self.cost = None
        else:
            self.cost += usage.cost
