"""Where a whole job stands, put together from its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .hosts import RemoteJob
from .jobs import BatchJobInfo, BatchStatus, RequestCounts
from .ledger import JobRecord

# Of parts that have ended in different ways the first of these is told: it asks for attention.
_ENDS = (
    BatchStatus.CANCELLED,
    BatchStatus.EXPIRED,
    BatchStatus.FAILED,
    BatchStatus.COMPLETED,
)


def together(statuses: Sequence[BatchStatus]) -> BatchStatus:
    """The state of a job whose parts are in these states."""
    found = set(statuses)
    if len(found) == 1:
        return found.pop()
    if all(status.is_final for status in found):
        return next(status for status in _ENDS if status in found)
    # What the caller has asked for is what he looks for.
    if BatchStatus.CANCELLING in found:
        return BatchStatus.CANCELLING
    if found <= {BatchStatus.FINALIZING, *_ENDS}:
        return BatchStatus.FINALIZING
    return BatchStatus.IN_PROGRESS


def info_of(job: JobRecord, remotes: Mapping[int, RemoteJob] | None = None) -> BatchJobInfo:
    """A job for its caller.

    Args:
        job: The job as it is kept.
        remotes: What the provider says now, by number of the part; where it says nothing, what
            is kept stands.
    """
    told = remotes or {}
    statuses: list[BatchStatus] = []
    errors: list[str] = []
    raw: list[Any] = []
    counts = RequestCounts()
    for part in job.parts:
        remote = told.get(part.number)
        statuses.append(remote.status if remote else part.status)
        errors += remote.errors if remote else ()
        raw += [remote.raw] if remote else []
        known = remote.counts if remote else part.counts
        # Before a provider has read the file it tells no total.
        counts += known if known.total else known.model_copy(update={"total": part.count})
    return BatchJobInfo(
        job_id=job.job_id,
        provider=job.provider,
        status=together(statuses) if statuses else BatchStatus.PENDING,
        created_at=job.created_at,
        request_count=job.count or counts.total,
        counts=counts,
        parts=tuple(part.remote_id for part in job.parts if part.remote_id),
        # Parts of one job mostly fail for one reason.
        errors=tuple(dict.fromkeys(errors)),
        raw=raw[0] if len(raw) == 1 and len(job.parts) == 1 else raw or None,
    )


def info_of_remote(remote: RemoteJob, provider: str) -> BatchJobInfo:
    """A job that was not submitted from here."""
    return BatchJobInfo(
        job_id=remote.job_id,
        provider=provider,
        status=remote.status,
        created_at=remote.created_at,
        request_count=remote.counts.total,
        counts=remote.counts,
        parts=(remote.job_id,),
        errors=remote.errors,
        raw=remote.raw,
    )
