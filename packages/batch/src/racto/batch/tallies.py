"""Sums over many results: how items ended, what they used and what that cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from racto.core.usage import Usage, UsageState

from .manifest import PartEnd
from .results import BatchResult, BatchSummary, ItemStatus

_BUCKETS = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
    "reasoning_tokens",
)


class Tally:
    """Counts results one by one; equal to adding their usages, without making one for each sum."""

    def __init__(self) -> None:
        self._counts: Counter[ItemStatus] = Counter()
        self._tokens: Counter[str] = Counter()
        self._states: set[UsageState] = set()
        self._cost: float | None = 0.0
        self._currencies: set[str] = set()

    def add(self, result: BatchResult) -> None:
        """Count one result."""
        self._counts[result.status] += 1
        usage = result.usage
        if usage.cost == 0 and not usage.total_tokens and usage.state is UsageState.MEASURED:
            return
        for name in _BUCKETS:
            self._tokens[name] += getattr(usage, name)
        self._states.add(usage.state)
        if usage.cost is None or self._cost is None:
            # A sum with an unknown part is unknown; half of a bill is worse than none.
            self._cost = None
        else:
            # Plain floats: making a usage for every sum takes longer than reading the reply.
            self._cost += usage.cost
            self._currencies.add(usage.currency)

    def summary(self, job_id: str, ends: Mapping[int, PartEnd]) -> BatchSummary:
        """What was counted so far.

        Args:
            job_id: The job.
            ends: How its parts ended.
        """
        notes = [note for end in ends.values() for note in end.notes]
        return BatchSummary(
            job_id=job_id,
            counts=dict(self._counts),
            usage=self._usage(),
            strays=sum(end.strays for end in ends.values()),
            first_strays=tuple(notes[:20]),
        )

    def _usage(self) -> Usage:
        if not self._states:
            return Usage.nothing()
        state = self._states.pop() if len(self._states) == 1 else UsageState.PARTIAL
        self._states.add(state)
        currency = next(iter(self._currencies), "USD")
        return Usage(
            **{name: self._tokens[name] for name in _BUCKETS},
            cost=self._cost if len(self._currencies) <= 1 else None,
            currency=currency,
            state=state,
        )
