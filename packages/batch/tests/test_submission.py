"""Submission: an order in doubt is kept, and no other order's job is taken for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from racto.batch import BatchItem, BatchStatus, ItemStatus
from racto.batch.processor import HostedBatchProcessor
from racto.core import APIConnectionError, BadRequestError, JobError

from .harness.codecs import ChatCodec
from .harness.depot import Depot, DepotHost


def items(*names: str) -> list[BatchItem]:
    return [BatchItem(custom_id=name, user_message=name) for name in names]


def breaks_once(depot: Depot, name: str, error: Exception) -> None:
    left = [error]

    def broken(called: str) -> None:
        if called == name and left:
            raise left.pop()

    depot.on_call = broken


def unanswered(processor: HostedBatchProcessor, depot: Depot, *names: str) -> str:
    """Submit a job whose creation works and is not answered; returns its tag."""
    breaks_once(depot, "started", APIConnectionError("the reply was lost"))
    with pytest.raises(APIConnectionError) as caught:
        processor.submit_batch(items(*names))
    return caught.value.__notes__[0].split("job ")[1].split(" ")[0]


def test_what_is_dropped_is_looked_for_and_cancelled_at_the_provider(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    tag = unanswered(processor, depot, "a", "b")
    info = processor.cancel(tag)
    assert (info.job_id, info.status) == ("job-1", BatchStatus.CANCELLING)
    depot.finish("job-1", BatchStatus.CANCELLED, without=("b",))
    found = processor.get_results("job-1")
    assert [one.status for one in found] == [ItemStatus.ANSWERED, ItemStatus.CANCELLED]


def test_a_job_that_is_known_by_its_size_only_is_not_cancelled(
    processor: HostedBatchProcessor, depot: Depot, caplog: pytest.LogCaptureFixture
) -> None:
    depot.keeps_tags = False
    tag = unanswered(processor, depot, "a", "b")
    assert processor.cancel(tag).status is BatchStatus.CANCELLED
    assert depot.jobs["job-1"].status is BatchStatus.IN_PROGRESS
    assert "job-1 may go on at the provider" in caplog.text


def test_an_order_is_dropped_though_its_job_cannot_be_told_apart(
    processor: HostedBatchProcessor, depot: Depot, caplog: pytest.LogCaptureFixture
) -> None:
    tag = unanswered(processor, depot, "a", "b")
    breaks_once(depot, "find", JobError("2 jobs could be the one"))
    assert processor.cancel(tag).status is BatchStatus.CANCELLED
    assert "2 jobs could be the one" in caplog.text


def test_no_order_is_dropped_while_the_provider_cannot_be_asked(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    tag = unanswered(processor, depot, "a", "b")
    breaks_once(depot, "find", APIConnectionError("still down"))
    with pytest.raises(APIConnectionError):
        processor.cancel(tag)
    assert processor.cancel(tag).job_id == "job-1"


class Finding(DepotHost):
    """Answers a creation with a job that it has only found, and forgets nothing else."""

    def __init__(self, depot: Depot, found: Callable[[], str]) -> None:
        super().__init__(depot)
        self._found = found

    def start(self, *_: object, **__: object):  # type: ignore[no-untyped-def]
        """As if the creation had not been answered."""
        return self.look(self._found())


def test_a_job_that_was_only_found_is_not_taken_from_another_order(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    depot.keeps_tags = False
    processor.submit_batch(items("a", "b"))
    finder = HostedBatchProcessor(ChatCodec(), Finding(depot, lambda: "job-1"), state=state)
    with pytest.raises(JobError, match=r"job-1.*belongs to another job") as caught:
        finder.submit_batch(items("c", "d"))
    assert caught.value.retryable
    assert [info.job_id for info in processor.resume()] == ["job-1", "job-2"]
    depot.finish("job-2")
    assert [one.custom_id for one in processor.get_results("job-2") if one.ok] == ["c", "d"]


@pytest.mark.parametrize("theirs", [("x", "y"), ("a", "y")], ids=["other ids", "an id in common"])
def test_a_strangers_job_that_was_only_found_is_let_go(
    depot: Depot, state: Path, processor: HostedBatchProcessor, theirs: tuple[str, str]
) -> None:
    depot.keeps_tags = False
    stranger = HostedBatchProcessor(ChatCodec(), DepotHost(depot), state=state.parent / "theirs")
    stranger.submit_batch(items(*theirs))
    finder = HostedBatchProcessor(ChatCodec(), Finding(depot, lambda: "job-1"), state=state)
    assert finder.submit_batch(items("a", "b")).job_id == "job-1"
    depot.finish("job-1")
    with pytest.raises(JobError, match="somebody else's"):
        processor.get_results("job-1")
    (info,) = processor.resume()
    depot.finish(info.job_id)
    answers = [one.response.content for one in processor.get_results(info.job_id) if one.response]
    assert (info.job_id, answers) == ("job-2", ["re: a", "re: b"])


def test_a_job_of_ours_is_not_let_go_for_a_line_that_nobody_ordered(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    depot.keeps_tags = False
    unanswered(processor, depot, "a", "b")
    processor.resume()
    stray = b'{"fate": "answered", "custom_id": "z", "body": {}}'
    depot.finish("job-1", strays=(stray, b"no JSON"))
    assert [one.ok for one in processor.get_results("job-1")] == [True, True]


def test_a_refusal_leaves_nothing_unless_the_job_may_exist(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    breaks_once(depot, "start", BadRequestError("no", status_code=400))
    with pytest.raises(BadRequestError):
        processor.submit_batch(items("a"))
    assert processor.resume() == []
    breaks_once(depot, "started", BadRequestError("no", status_code=400, retryable=True))
    with pytest.raises(BadRequestError):
        processor.submit_batch(items("a"))
    assert [info.job_id for info in processor.resume()] == ["job-1"]
