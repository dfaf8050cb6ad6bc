"""Collection: beside the event loop, with no wait for a disk, and with any line in the files."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

import pytest
from pydantic import BaseModel

from racto.batch import BatchItem, ItemStatus, databases, folders, ledger, manifest
from racto.batch.processor import HostedBatchProcessor
from racto.core import ConfigurationError
from racto.core.errors import NotFoundError

from .harness.codecs import ChatCodec
from .harness.depot import Depot, DepotHost, reply


class Answer(BaseModel):
    value: int


def items(count: int) -> list[BatchItem]:
    return [BatchItem(custom_id=f"i{number}", user_message="q") for number in range(count)]


def test_no_database_is_opened_on_the_event_loop(
    processor: HostedBatchProcessor, depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: set[int] = set()

    @contextmanager
    def watched(path: Path, *, writes: bool = True) -> Iterator[Connection]:
        threads.add(threading.get_ident())
        with databases_transaction(path, writes=writes) as db:
            yield db

    databases_transaction = databases.transaction
    for module in (databases, ledger, manifest):
        monkeypatch.setattr(module, "transaction", watched)

    async def everything() -> None:
        job = await processor.asubmit_batch(items(9))
        await processor.apoll_status(job.job_id)
        await processor.acancel(job.job_id)
        await processor.aresume()
        await processor.alist()
        for name in depot.jobs:
            depot.finish(name, without=("i0",))
        await processor.await_for(job.job_id, poll_interval_s=0.001)
        await processor.aget_results(job.job_id)
        await processor.asummary(job.job_id)
        await processor.aretry_failed(job.job_id)
        await processor.aforget(job.job_id)

    asyncio.run(everything())
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize("code", ["ENOSPC", "ENOLCK"], ids=["full", "without locks"])
def test_a_disk_that_takes_no_claim_is_not_waited_for(
    code: str, processor: HostedBatchProcessor, depot: Depot, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    job = processor.submit_batch(items(1))
    depot.finish(job.job_id)

    def refuse(_descriptor: int) -> None:
        raise OSError(getattr(errno, code), "not here")

    monkeypatch.setattr(folders, "_seize", refuse)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        processor.get_results(job.job_id)


def test_the_replies_of_a_job_from_elsewhere_are_read_as_the_caller_wants(
    processor: HostedBatchProcessor, depot: Depot, tmp_path: Path
) -> None:
    job = processor.submit_batch(items(2))
    told = {"i0": {"fate": "answered", "body": reply('{"value": 7}')}}
    depot.finish(job.job_id, instead=told)
    stranger = HostedBatchProcessor(ChatCodec(), DepotHost(depot), state=tmp_path / "other")
    found = {one.custom_id: one for one in stranger.get_results(job.job_id, response_model=Answer)}
    assert found["i0"].response is not None
    assert found["i0"].response.parsed == {"value": 7}
    assert found["i1"].status is ItemStatus.INVALID
    assert all(one.ok for one in stranger.get_results(job.job_id))


def test_one_parts_lost_results_take_no_others_along(
    processor: HostedBatchProcessor, depot: Depot, caplog: pytest.LogCaptureFixture
) -> None:
    job = processor.submit_batch(items(6))
    for name in depot.jobs:
        depot.finish(name)
    fetches = 0

    def lose(name: str) -> None:
        nonlocal fetches
        fetches += name == "fetch"
        if name == "fetch" and fetches == 2:
            raise NotFoundError("the file has expired")

    depot.on_call = lose
    found = processor.get_results(job.job_id)
    assert [one.custom_id for one in found] == [f"i{number}" for number in range(6)]
    assert [one.ok for one in found] == [True] * 4 + [False] * 2
    assert {one.status for one in found[4:]} == {ItemStatus.MISSING}
    assert "part 1: the file has expired" in caplog.text


def test_a_lone_parts_lost_results_are_an_error(
    processor: HostedBatchProcessor, depot: Depot
) -> None:
    job = processor.submit_batch(items(1))
    depot.finish(job.job_id)

    def lose(name: str) -> None:
        if name == "fetch":
            raise NotFoundError("the file has expired")

    depot.on_call = lose
    with pytest.raises(NotFoundError, match="has expired"):
        processor.get_results(job.job_id)
