"""A job of several parts stands where the slowest does."""

from __future__ import annotations

import pytest

from racto.batch.hosts import RemoteJob
from racto.batch.jobs import BatchStatus as S, RequestCounts
from racto.batch.ledger import JobRecord, PartRecord
from racto.batch.standing import info_of, info_of_remote, together


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([S.COMPLETED, S.COMPLETED], S.COMPLETED),
        ([S.COMPLETED, S.PENDING], S.IN_PROGRESS),
        ([S.PENDING, S.PENDING], S.PENDING),
        ([S.COMPLETED, S.FINALIZING], S.FINALIZING),
        ([S.COMPLETED, S.CANCELLING, S.IN_PROGRESS], S.CANCELLING),
        ([S.COMPLETED, S.EXPIRED], S.EXPIRED),
        ([S.COMPLETED, S.FAILED], S.FAILED),
        ([S.FAILED, S.CANCELLED], S.CANCELLED),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else str(value),
)
def test_the_whole_of_its_parts(parts: list[S], whole: S) -> None:
    assert together(parts) is whole


def part(number: int, remote_id: str | None = None, status: S = S.PENDING) -> PartRecord:
    return PartRecord(
        number=number, lane="", path="", model="", count=4, remote_id=remote_id, status=status
    )


def test_what_the_provider_says_goes_before_what_is_kept() -> None:
    job = JobRecord(tag="t", provider="openai", count=8, parts=(part(0, "j0"), part(1)))
    counts = RequestCounts(total=4, succeeded=4)
    told = RemoteJob(job_id="j0", status=S.COMPLETED, counts=counts, errors=("x",), raw={"a": 1})
    info = info_of(job, {0: told})
    assert (info.job_id, info.status, info.parts) == ("t", S.IN_PROGRESS, ("j0",))
    assert (info.counts.total, info.counts.done, info.errors) == (8, 4, ("x",))
    assert info.raw == [{"a": 1}]


def test_a_job_of_one_part_shows_the_providers_object() -> None:
    job = JobRecord(tag="t", provider="openai", parts=(part(0, "j0"),))
    told = RemoteJob(job_id="j0", status=S.COMPLETED, raw={"a": 1})
    assert info_of(job, {0: told}).raw == {"a": 1}
    assert info_of(job, {0: told}).job_id == "j0"
    assert info_of_remote(told, "openai").parts == ("j0",)
