"""Jobs of all three providers over HTTP: what goes in comes out, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from racto.batch import BatchItem, BatchStatus, HostedBatchProcessor, ItemStatus
from racto.core import BadRequestError, RactoGatewayAuthError, RactoGatewayError
from racto.testing import Conduct, Failure, Reply

from .harness.sites import Site, site as site

FAST: dict[str, Any] = {"poll_interval_s": 0.005, "max_wait_s": 20.0}


def items(count: int) -> list[BatchItem]:
    return [BatchItem(custom_id=f"i{n}", user_message=f"question {n}") for n in range(count)]


def echo(request: Any) -> Reply:
    return Reply(text=f"answer to {request.body.decode().split('question ')[1].split(chr(34))[0]}")


def ended(processor: HostedBatchProcessor, job_id: str) -> BatchStatus:
    return processor.wait_for(job_id, **FAST).status


def test_every_item_gets_its_own_answer(site: Site) -> None:
    site.server.when(echo)
    with site.processor() as processor:
        found = processor.submit_and_wait(items(25), **FAST)
    assert [one.custom_id for one in found] == [f"i{n}" for n in range(25)]
    assert [one.response.content for one in found if one.response] == [
        f"answer to {n}" for n in range(25)
    ]
    assert all(one.usage.cost for one in found)


def test_it_does_so_beside_an_event_loop(site: Site) -> None:
    async def told() -> list[str]:
        site.server.when(echo)
        async with site.processor() as processor:
            both = await asyncio.gather(
                *(processor.asubmit_and_wait(items(3), **FAST) for _ in range(2))
            )
        return [one.response.content or "" for found in both for one in found if one.response]

    assert asyncio.run(told()) == [f"answer to {n}" for n in (0, 1, 2, 0, 1, 2)]


def test_refused_items_stand_beside_answered_ones(site: Site) -> None:
    site.server.add(
        Reply(text="a"), Failure(kind="bad_request", message="not this"), Reply(text="c")
    )
    with site.processor() as processor:
        found = processor.submit_and_wait(items(3), **FAST)
    assert [one.status.value for one in found] == ["answered", "refused", "answered"]
    assert isinstance(found[1].failure, RactoGatewayError)
    assert "not this" in str(found[1].error)


def test_a_job_in_which_everything_fails_raises_nothing(site: Site) -> None:
    site.server.default = Failure(kind="bad_request", message="not this")
    with site.processor() as processor:
        found = processor.submit_and_wait(items(3), **FAST)
        assert {one.status for one in found} == {ItemStatus.REFUSED}
        job = processor.list()[0]
        again = processor.retry_failed(job.job_id)
        site.server.default = Reply(text="now")
        ended(processor, again.job_id)
        assert [one.ok for one in processor.get_results(again.job_id)] == [True] * 3


def test_half_of_an_expired_job_is_there(site: Site) -> None:
    site.server.batches.polls_per_step = None
    with site.processor() as processor:
        job = processor.submit_batch(items(4))
        # Past the states in which nothing is worked on yet.
        for _ in range(3):
            if processor.poll_status(job.job_id).status is BatchStatus.IN_PROGRESS:
                break
            site.server.batches.advance()
        site.server.batches.work(2)
        site.server.batches.expire()
        found = processor.get_results(job.job_id)
    # Gemini gives nothing of a job that has expired.
    answered = 0 if site.provider == "google" else 2
    expected = ["answered"] * answered + ["expired"] * (4 - answered)
    assert sorted(one.status.value for one in found) == expected
    assert all(one.failure.retryable for one in found if one.failure)


def test_a_cancelled_job_says_so_for_each_item(site: Site) -> None:
    site.server.batches.polls_per_step = None
    with site.processor() as processor:
        job = processor.submit_batch(items(2))
        processor.cancel(job.job_id)
        site.server.batches.polls_per_step = 1
        assert ended(processor, job.job_id) is BatchStatus.CANCELLED
        found = processor.get_results(job.job_id)
    assert {one.status for one in found} <= {ItemStatus.CANCELLED, ItemStatus.ANSWERED}
    assert len(found) == 2


def test_a_provider_that_stumbles_is_asked_again(site: Site) -> None:
    with site.processor() as processor:
        job = processor.submit_batch(items(2))
        site.server.batches.add(
            Failure(kind="rate_limited", retry_after=0.01),
            Failure(kind="server_error"),
            Reply(conduct=Conduct(hang_up=True)),
            Failure(kind="overloaded"),
            Failure(kind="server_error"),
        )
        assert ended(processor, job.job_id) is BatchStatus.COMPLETED
        assert [one.ok for one in processor.get_results(job.job_id)] == [True, True]


def test_a_process_that_starts_later_goes_on(site: Site) -> None:
    with site.processor() as processor:
        job = processor.submit_batch(items(3))
    with site.processor() as processor:
        (found,) = processor.resume()
        assert found.job_id == job.job_id
        ended(processor, job.job_id)
        assert [one.ok for one in processor.iter_results(job.job_id)] == [True] * 3
        assert processor.resume() == []


def test_a_machine_that_never_heard_of_the_job_collects_it(site: Site) -> None:
    with site.processor() as processor, site.processor("elsewhere") as other:
        job = processor.submit_batch(items(3))
        ended(other, job.job_id)
        found = other.get_results(job.job_id)
    assert sorted(one.custom_id for one in found if one.ok) == ["i0", "i1", "i2"]


def test_a_wrong_key_is_neither_told_nor_kept(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "sk-wrong-9876543210"
    with site.processor(api_key=wrong) as processor, pytest.raises(RactoGatewayError) as caught:
        processor.submit_batch(items(1))
    assert isinstance(caught.value, RactoGatewayAuthError | BadRequestError)
    assert wrong not in str(caught.value) + repr(caught.value.__dict__) + caplog.text
    kept = [path for path in (site.folder / "state").rglob("*") if path.is_file()]
    assert not any(wrong.encode() in path.read_bytes() for path in kept)
