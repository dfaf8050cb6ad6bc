"""The processor: from items to results in both voices, and everything that can go wrong between."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from racto.batch import BatchItem, BatchStatus, ItemStatus
from racto.batch.processor import HostedBatchProcessor
from racto.core import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    JobError,
    ServerError,
)
from racto.core.protocols import BatchProcessor
from racto.core.testing.contracts.signatures import missing_members, signature_problems

from .harness.codecs import PRICE, ChatCodec
from .harness.depot import Depot, DepotHost

# A process that dies in the middle of its items.
_DYING = """
import os, sys
sys.path.insert(0, sys.argv[1])
from harness.codecs import ChatCodec
from harness.depot import Depot, DepotHost
from racto.batch.processor import HostedBatchProcessor

def dying():
    yield {"custom_id": "a", "user_message": "x"}
    os._exit(7)

HostedBatchProcessor(ChatCodec(), DepotHost(Depot()), state=sys.argv[2]).submit_batch(dying())
"""


class Answer(BaseModel):
    value: int


def items(count: int, **more: Any) -> list[BatchItem]:
    return [
        BatchItem(custom_id=f"i{number}", user_message=f"q{number}", **more)
        for number in range(count)
    ]


def another(depot: Depot, state: Path) -> HostedBatchProcessor:
    """A processor of another process: the same provider and the same disk, no memory."""
    return HostedBatchProcessor(ChatCodec(), DepotHost(depot), state=state)


def files(state: Path) -> list[str]:
    return [
        str(path.relative_to(state))
        for path in state.rglob("*")
        if path.is_file() and "racto_" in str(path)
    ]


def breaks(depot: Depot, name: str, error: BaseException, *, times: int = 1) -> None:
    """Let the next calls of a name end in an error."""
    left = [times]

    def broken(called: str) -> None:
        if called == name and left[0] > 0:
            left[0] -= 1
            raise error

    depot.on_call = broken


def test_it_keeps_the_protocol(processor: HostedBatchProcessor) -> None:
    assert isinstance(processor, BatchProcessor)
    assert missing_members(BatchProcessor, processor) == []
    assert signature_problems(BatchProcessor, processor) == []


def test_every_verb_has_a_twin_of_the_same_signature(processor: HostedBatchProcessor) -> None:
    import inspect

    names = [
        name
        for name, member in inspect.getmembers(HostedBatchProcessor, inspect.isfunction)
        if not name.startswith("_") and not name.startswith("a")
    ]
    assert "submit_batch" in names
    for name in names:
        twin = {"wait_for": "await_for"}.get(name, f"a{name}")
        one = inspect.signature(getattr(processor, name))
        assert one.parameters == inspect.signature(getattr(processor, twin)).parameters, name


def test_results_stand_in_the_items_order(processor: HostedBatchProcessor, depot: Depot) -> None:
    depot.steps = 3
    found = processor.submit_and_wait(items(4), poll_interval_s=0.001)
    assert [one.custom_id for one in found] == ["i0", "i1", "i2", "i3"]
    assert [one.response.content for one in found if one.response] == [
        "re: q0",
        "re: q1",
        "re: q2",
        "re: q3",
    ]


def test_the_async_voice_does_the_same(processor: HostedBatchProcessor, depot: Depot) -> None:
    async def told() -> None:
        depot.steps = 2
        found = await processor.asubmit_and_wait(items(9), poll_interval_s=0.001)
        assert [one.custom_id for one in found] == [f"i{n}" for n in range(9)]
        (job,) = await processor.alist()
        assert (await processor.apoll_status(job.job_id)).status is BatchStatus.COMPLETED
        again = [one.custom_id async for one in processor.aiter_results(job.job_id)]
        assert again == [one.custom_id for one in found]
        assert (await processor.asummary(job.job_id)).counts == {ItemStatus.ANSWERED: 9}
        assert await processor.aresume() == []
        await processor.aforget(job.job_id)
        await processor.aclose()

    asyncio.run(told())


def test_more_than_the_limits_is_split_and_joined_again(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    job = processor.submit_batch(items(10), label="nightly")
    assert (len(depot.jobs), job.request_count, len(job.parts)) == (3, 10, 3)
    assert job.job_id.startswith("racto_")
    assert {one.order.label for one in depot.jobs.values()} == {"nightly"}
    depot.finish("job-1")
    assert processor.poll_status(job.job_id).status is BatchStatus.IN_PROGRESS
    depot.finish("job-3", BatchStatus.EXPIRED, without=("i9",))
    depot.finish("job-2", BatchStatus.FAILED, without=[f"i{n}" for n in range(10)])
    assert processor.poll_status(job.job_id).status is BatchStatus.EXPIRED
    found = processor.get_results(job.job_id)
    assert [one.custom_id for one in found] == [f"i{n}" for n in range(10)]
    expected = ["answered"] * 4 + ["refused"] * 4 + ["answered", "expired"]
    assert [one.status.value for one in found] == expected


def test_models_do_not_share_a_job_where_the_provider_wants_one(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    mixed = [
        BatchItem(custom_id="a", user_message="x"),
        BatchItem(custom_id="b", user_message="x", model="other"),
        BatchItem(custom_id="c", user_message="x"),
        BatchItem(custom_id="d", texts=("x",)),
    ]
    job = processor.submit_batch(mixed)
    assert [len(one.lines) for one in depot.jobs.values()] == [2, 1, 1]
    assert [one.order.model for one in depot.jobs.values()][:2] == ["gpt-4o-mini", "other"]
    body = {"data": [{"index": 0, "embedding": [1.0]}]}
    for name in depot.jobs:
        depot.finish(name, instead={"d": {"fate": "answered", "body": body}})
    found = processor.get_results(job.job_id)
    assert [one.custom_id for one in found if one.ok] == ["a", "b", "c", "d"]
    assert found[3].embedding is not None


def test_faulty_items_leave_nothing_behind(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    with pytest.raises(ConfigurationError, match="2 of 4 items"):
        processor.submit_batch([*items(2), *items(2)])
    assert depot.calls == []
    assert files(state) == []
    assert processor.resume() == []


def test_a_generator_that_breaks_leaves_nothing_behind(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    def broken() -> Any:
        yield from items(2)
        raise KeyError("mine")

    with pytest.raises(KeyError):
        processor.submit_batch(broken())
    assert (depot.calls, files(state)) == ([], [])


def test_a_refused_upload_leaves_nothing_behind(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    breaks(depot, "start", BadRequestError("no such model"))
    with pytest.raises(BadRequestError):
        processor.submit_batch(items(2))
    assert files(state) == []


def test_results_before_the_end_are_refused(processor: HostedBatchProcessor) -> None:
    job = processor.submit_batch(items(2))
    with pytest.raises(JobError, match="has not ended: in_progress, 0 of 2"):
        processor.get_results(job.job_id)


def test_a_job_nobody_knows_is_refused(processor: HostedBatchProcessor) -> None:
    for ask in (processor.poll_status, processor.get_results, processor.forget, processor.resume):
        with pytest.raises(JobError, match="job-99"):
            ask("job-99")


def test_a_wait_that_is_too_short_loses_nothing(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    with pytest.raises(TimeoutError, match="job-1"):
        processor.submit_and_wait(items(2), poll_interval_s=0.001, max_wait_s=0.05)
    depot.finish("job-1")
    assert [one.ok for one in processor.get_results("job-1")] == [True, True]


def test_an_interval_that_is_none_is_refused_before_the_upload(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    with pytest.raises(ConfigurationError, match="poll_interval_s"):
        processor.submit_and_wait(items(2), poll_interval_s=0.0)
    assert depot.calls == []


def test_results_are_fetched_once_and_files_cleared(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    job = processor.submit_batch(items(3))
    depot.finish(job.job_id)
    first = processor.get_results(job.job_id)
    del depot.jobs[job.job_id]
    assert processor.get_results(job.job_id) == first
    assert not [name for name in files(state) if name.endswith("results.jsonl")]


def test_every_item_has_one_result_whatever_comes_back(
    processor: HostedBatchProcessor, depot: Depot, caplog: pytest.LogCaptureFixture
) -> None:
    job = processor.submit_batch(items(4))
    depot.finish(
        job.job_id,
        without=("i3",),
        instead={"i1": {"fate": "refused", "status": 429, "body": {"error": {"message": "no"}}}},
        strays=[b'{"fate": "answered", "custom_id": "stranger"}', b"{{{"],
    )
    found = processor.get_results(job.job_id)
    assert [one.status.value for one in found] == ["answered", "refused", "answered", "missing"]
    assert "2 lines of the results belong to no item" in caplog.text
    summary = processor.summary(job.job_id)
    assert (summary.failed, summary.strays) == (2, 2)
    assert summary.usage.total_tokens == 12
    assert summary.usage.cost == pytest.approx(12 * PRICE / 2)


def test_a_cancelled_job_gives_what_it_had(processor: HostedBatchProcessor, depot: Depot) -> None:
    job = processor.submit_batch(items(3))
    assert processor.cancel(job.job_id).status is BatchStatus.CANCELLING
    depot.finish(job.job_id, BatchStatus.CANCELLED, without=("i1", "i2"))
    found = processor.get_results(job.job_id)
    assert [one.status.value for one in found] == ["answered", "cancelled", "cancelled"]


def test_failed_items_are_submitted_again_exactly_as_they_were(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    asked = items(3, response_model=Answer)
    job = processor.submit_batch(asked)
    good = {"choices": [{"message": {"content": '{"value": 1}'}}]}
    depot.finish(job.job_id, without=("i0",), instead={"i2": {"fate": "answered", "body": good}})
    # In another process, which knows the model's schema only.
    other = another(depot, state)
    assert [one.ok for one in other.get_results(job.job_id)] == [False, False, True]
    again = other.retry_failed(job.job_id)
    assert depot.jobs[again.job_id].lines == depot.jobs[job.job_id].lines[:2]
    depot.finish(again.job_id, instead={"i1": {"fate": "answered", "body": good}})
    found = other.get_results(again.job_id)
    assert [(one.custom_id, one.ok) for one in found] == [("i0", False), ("i1", True)]
    only = other.retry_failed(again.job_id, only=[ItemStatus.INVALID])
    assert only.request_count == 1
    with pytest.raises(JobError, match="nothing to submit again"):
        other.retry_failed(again.job_id, only=[ItemStatus.EXPIRED])


def test_a_model_is_known_to_its_process_and_its_schema_to_others(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    job = processor.submit_batch(items(1, response_model=Answer))
    bad = {"choices": [{"message": {"content": '{"value": "x"}'}}]}
    depot.finish(job.job_id, instead={"i0": {"fate": "answered", "body": bad}})
    assert "int_parsing" in repr(processor.get_results(job.job_id)[0].failure.last_error)  # type: ignore[union-attr]
    elsewhere = another(depot, state).get_results(job.job_id)[0]
    assert "should be integer" in str(elsewhere.failure.last_error)  # type: ignore[union-attr]


def test_a_job_from_elsewhere_is_polled_collected_and_cancelled(
    processor: HostedBatchProcessor, depot: Depot, tmp_path: Path
) -> None:
    job = processor.submit_batch(items(3))
    stranger = another(depot, tmp_path / "other")
    assert stranger.poll_status(job.job_id).request_count == 3
    assert [one.job_id for one in stranger.list()] == [job.job_id]
    with pytest.raises(JobError, match="has not ended"):
        stranger.get_results(job.job_id)
    assert stranger.cancel(job.job_id).status is BatchStatus.CANCELLING
    depot.finish(job.job_id)
    found = stranger.get_results(job.job_id)
    assert sorted(one.custom_id for one in found if one.ok) == ["i0", "i1", "i2"]
    depot.finish(job.job_id, without=("i0",), instead={"i1": {"fate": "expired"}})
    late = another(depot, tmp_path / "third")
    with pytest.raises(JobError, match="not submitted from this machine"):
        late.retry_failed(job.job_id)


def test_parts_of_one_job_are_listed_as_one(processor: HostedBatchProcessor, depot: Depot) -> None:
    first = processor.submit_batch(items(10))
    second = processor.submit_batch(items(1))
    assert [one.job_id for one in processor.list()] == [second.job_id, first.job_id]
    assert len(processor.list(1)) == 1


def test_what_is_forgotten_is_gone(
    processor: HostedBatchProcessor, depot: Depot, state: Path
) -> None:
    job = processor.submit_batch(items(2))
    assert files(state)
    processor.forget(job.job_id)
    assert files(state) == []
    assert processor.resume() == []


class TestResuming:
    """What a process that died, or a network that broke, has left."""

    def test_open_jobs_are_found_by_another_process(
        self, processor: HostedBatchProcessor, depot: Depot, state: Path
    ) -> None:
        one, two = processor.submit_batch(items(2)), processor.submit_batch(items(9))
        found = another(depot, state).resume()
        assert [each.job_id for each in found] == [one.job_id, two.job_id]
        for name in depot.jobs:
            depot.finish(name)
        other = another(depot, state)
        assert len(other.get_results(two.job_id)) == 9
        assert [each.job_id for each in other.resume()] == [one.job_id]

    def test_parts_that_were_not_submitted_are(
        self, processor: HostedBatchProcessor, depot: Depot, state: Path
    ) -> None:
        def third(name: str) -> None:
            if name == "start" and depot.calls.count("start") == 3:
                raise APIConnectionError("cut")

        depot.on_call = third
        with pytest.raises(APIConnectionError) as caught:
            processor.submit_batch(items(10))
        assert "2 of 3 parts" in caught.value.__notes__[0]
        other = another(depot, state)
        (info,) = other.resume()
        assert (len(depot.jobs), len(info.parts)) == (3, 3)
        for name in depot.jobs:
            depot.finish(name)
        found = other.get_results(info.job_id)
        assert [one.custom_id for one in found if one.ok] == [f"i{n}" for n in range(10)]

    @pytest.mark.parametrize("keeps_tags", [True, False], ids=["by its tag", "by its size"])
    def test_a_job_whose_creation_was_not_answered_is_not_made_twice(
        self, processor: HostedBatchProcessor, depot: Depot, state: Path, *, keeps_tags: bool
    ) -> None:
        depot.keeps_tags = keeps_tags
        breaks(depot, "started", APIConnectionError("the reply was lost"))
        with pytest.raises(APIConnectionError):
            processor.submit_batch(items(2))
        (info,) = another(depot, state).resume()
        assert (info.job_id, len(depot.jobs)) == ("job-1", 1)

    def test_a_stranger_of_the_same_size_is_let_go_again(
        self, processor: HostedBatchProcessor, depot: Depot, state: Path
    ) -> None:
        depot.keeps_tags = False
        breaks(depot, "start", APIConnectionError("cut"))
        with pytest.raises(APIConnectionError):
            processor.submit_batch(items(2))
        # Somebody else submits as many at the same time.
        theirs = [BatchItem(custom_id=f"x{n}", user_message="x") for n in range(2)]
        stranger = another(depot, state.parent / "theirs")
        stranger.submit_batch(theirs)
        other = another(depot, state)
        (info,) = other.resume()
        assert info.job_id == "job-1"
        depot.finish("job-1")
        with pytest.raises(JobError, match="somebody else's"):
            other.get_results("job-1")
        (info,) = other.resume()
        assert info.job_id == "job-2"
        depot.finish("job-2")
        assert [one.custom_id for one in other.get_results("job-2") if one.ok] == ["i0", "i1"]

    def test_lines_that_were_not_all_written_are_dropped(
        self, depot: Depot, state: Path, processor: HostedBatchProcessor
    ) -> None:
        died = subprocess.run(
            [sys.executable, "-c", _DYING, str(Path(__file__).parent), str(state)], check=False
        )
        assert died.returncode == 7
        assert files(state)
        assert processor.resume() == []
        assert (files(state), depot.calls) == ([], [])

    def test_what_another_process_is_submitting_is_left_to_it(
        self, processor: HostedBatchProcessor, depot: Depot, state: Path
    ) -> None:
        seen: list[Any] = []

        def meanwhile(name: str) -> None:
            if name == "start":
                seen.extend(another(depot, state).resume())

        depot.on_call = meanwhile
        processor.submit_batch(items(2))
        assert [one.status for one in seen] == [BatchStatus.PENDING]
        assert len(depot.jobs) == 1

    def test_a_half_submitted_job_is_neither_waited_for_nor_collected(
        self, processor: HostedBatchProcessor, depot: Depot
    ) -> None:
        breaks(depot, "start", APIConnectionError("cut"))
        with pytest.raises(APIConnectionError) as caught:
            processor.submit_batch(items(2))
        tag = caught.value.__notes__[0].split("job ")[1].split(" ")[0]
        with pytest.raises(JobError, match="nobody goes on with it"):
            processor.wait_for(tag, poll_interval_s=0.001)
        with pytest.raises(JobError, match="never submitted"):
            processor.get_results(tag)
        processor.cancel(tag)
        assert [one.status for one in processor.get_results(tag)] == [ItemStatus.CANCELLED] * 2

    def test_one_job_in_trouble_does_not_hide_the_others(
        self, processor: HostedBatchProcessor, depot: Depot
    ) -> None:
        one, two = processor.submit_batch(items(1)), processor.submit_batch(items(2))
        breaks(depot, "look", ServerError("down"))
        with pytest.raises(JobError, match=f"1 of 2 jobs.*\n- down; job {one.job_id}") as caught:
            processor.resume()
        assert [info.job_id for info in caught.value.partial] == [two.job_id]
        assert caught.value.retryable


def test_a_block_closes_the_host(host: DepotHost, state: Path) -> None:
    with HostedBatchProcessor(ChatCodec(), host, state=state) as processor:
        assert repr(processor) == "HostedBatchProcessor(model='gpt-4o-mini')"
    assert host.is_closed


def test_no_key_is_on_the_disk(state: Path, depot: Depot) -> None:
    processor = HostedBatchProcessor(
        ChatCodec(), DepotHost(depot), state=state, site="https://u:sk-secret-12345@host"
    )
    processor.submit_batch(items(2))
    for path in state.rglob("*"):
        assert not path.is_file() or b"sk-secret" not in path.read_bytes()


class TestTogether:
    """Several at once, on one disk."""

    def test_results_are_fetched_once_for_all_who_ask(
        self, processor: HostedBatchProcessor, depot: Depot, state: Path
    ) -> None:
        job = processor.submit_batch(items(9))
        for name in depot.jobs:
            depot.finish(name)
        asking = [another(depot, state) for _ in range(4)]
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda one: one.get_results(job.job_id), asking))
        assert all([one.ok for one in each] == [True] * 9 for each in found)
        assert depot.calls.count("fetch") == 3

    def test_jobs_are_submitted_side_by_side(self, depot: Depot, state: Path) -> None:
        with ThreadPoolExecutor(4) as pool:
            jobs = list(pool.map(lambda n: another(depot, state).submit_batch(items(n)), (1, 2, 3)))
        assert sorted(job.request_count for job in jobs) == [1, 2, 3]
        assert len(another(depot, state).resume()) == 3

    def test_a_cancelled_submission_leaves_nothing(
        self, processor: HostedBatchProcessor, depot: Depot, state: Path
    ) -> None:
        begun, go_on = threading.Event(), threading.Event()

        def slow() -> Any:
            yield from items(1)
            begun.set()
            go_on.wait(10)
            yield from items(2)[1:]

        async def cancelled() -> None:
            task = asyncio.create_task(processor.asubmit_batch(slow()))
            await asyncio.to_thread(begun.wait, 10)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            go_on.set()

        # The loop waits for its threads at the end.
        asyncio.run(cancelled())
        assert (depot.calls, files(state)) == ([], [])
        assert processor.resume() == []

    def test_an_upload_that_is_interrupted_can_be_resumed_or_dropped(
        self, processor: HostedBatchProcessor, depot: Depot
    ) -> None:
        breaks(depot, "start", KeyboardInterrupt())
        with pytest.raises(KeyboardInterrupt) as caught:
            processor.submit_batch(items(2))
        assert "0 of 1 parts" in caught.value.__notes__[0]
        (info,) = processor.resume()
        assert info.job_id == "job-1"


def test_a_full_disk_says_so_and_leaves_nothing(
    processor: HostedBatchProcessor, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(JobError, match="cannot be written: No space left"):
        processor.submit_batch(items(2))
    assert files(state) == []


def test_half_a_surrogate_does_not_break_a_job(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    job = processor.submit_batch([BatchItem(custom_id="a", texts=("x\ud800",), model="e")])
    body = {"data": [{"index": 0, "embedding": [1.0]}]}
    depot.finish(job.job_id, instead={"a": {"fate": "answered", "body": body}})
    (found,) = processor.get_results(job.job_id)
    assert found.embedding is not None
    assert found.embedding.vectors[0].text == "x?"
