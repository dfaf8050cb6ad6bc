"""Jobs: their states and their counts."""

from __future__ import annotations

from racto.batch import BatchJobInfo, BatchStatus, RequestCounts


def test_the_references_eight_states() -> None:
    assert [status.value for status in BatchStatus] == [
        "pending",
        "in_progress",
        "finalizing",
        "completed",
        "failed",
        "expired",
        "cancelling",
        "cancelled",
    ]
    final = {status.value for status in BatchStatus if status.is_final}
    assert final == {"completed", "failed", "expired", "cancelled"}


def test_counts_add_up() -> None:
    one = RequestCounts(total=5, succeeded=2, failed=1)
    two = RequestCounts(total=3, expired=1, cancelled=1)
    both = one + two
    assert (both.total, both.done) == (8, 5)


def test_a_job_goes_through_json_without_the_providers_words() -> None:
    info = BatchJobInfo(job_id="j", provider="openai", status=BatchStatus.FAILED, raw={"x": 1})
    back = BatchJobInfo.model_validate_json(info.model_dump_json())
    assert (back.job_id, back.status, back.raw) == ("j", BatchStatus.FAILED, None)
