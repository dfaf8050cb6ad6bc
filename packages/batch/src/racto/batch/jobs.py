"""Jobs as callers see them: where they stand, how far they are, what they have cost."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class BatchStatus(StrEnum):
    """Where a job stands; the words of all providers, brought to these eight."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    FINALIZING = "finalizing"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether the job has ended, well or not; results can be collected from then on."""
        return self in _FINAL


# A job that is being cancelled still finishes some of its requests.
_FINAL = frozenset(
    {BatchStatus.COMPLETED, BatchStatus.FAILED, BatchStatus.EXPIRED, BatchStatus.CANCELLED}
)


class RequestCounts(BaseModel):
    """How many requests of a job stand where, as far as the provider tells.

    Attributes:
        total: All requests.
        succeeded: Answered.
        failed: Ended with an error.
        expired: Not answered in time.
        cancelled: Not answered because the job was cancelled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    total: int = Field(default=0, ge=0)
    succeeded: int = Field(default=0, ge=0)
    failed: int = Field(default=0, ge=0)
    expired: int = Field(default=0, ge=0)
    cancelled: int = Field(default=0, ge=0)

    @property
    def done(self) -> int:
        """Requests that have ended, whichever way."""
        return self.succeeded + self.failed + self.expired + self.cancelled

    def __add__(self, other: RequestCounts) -> RequestCounts:
        """The counts of two parts of one job together."""
        if not isinstance(other, RequestCounts):
            return NotImplemented
        # Named by the model itself, so that a new count is never left out of sums.
        sums = {
            name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields
        }
        return RequestCounts(**sums)


NO_COUNTS = RequestCounts()
"""Before anything is known."""


class BatchJobInfo(BaseModel):
    """A submitted job.

    Attributes:
        job_id: The provider's id; an id of racto's own when the job was split into parts.
        provider: Who works on it.
        status: Where it stands; of several parts, where the slowest stands.
        created_at: Unix time in seconds.
        request_count: Its items.
        counts: How many of them stand where.
        parts: The provider's ids of its parts, in the items' order of first use.
        errors: Why the job as a whole failed, in the provider's words.
        raw: The provider's own description; a list of them when there are several parts. Not part
            of the JSON.
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    job_id: str
    provider: str
    status: BatchStatus
    created_at: float = 0.0
    request_count: int = 0
    counts: RequestCounts = NO_COUNTS
    parts: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    # Providers' objects may hold addresses that are signed for whoever has them.
    raw: Any = Field(default=None, exclude=True, repr=False)
