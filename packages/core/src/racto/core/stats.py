"""Counters of a cache at one moment."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class CacheStats(BaseModel):
    """Snapshot of a cache's counters.

    Attributes:
        hits: Requests answered from the cache.
        misses: Requests that were not.
        size: Entries held now.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    hits: int = 0
    misses: int = 0
    size: int = 0

    @property
    def total(self) -> int:
        """Requests seen."""
        return self.hits + self.misses

    @property
    def hit_rate(self) -> float:
        """Fraction of requests that were hits, 0.0 to 1.0; 0.0 before the first."""
        return self.hits / self.total if self.total else 0.0
