"""Replies that are read while workers write them, by real workers and a real Redis."""

from __future__ import annotations

import asyncio
import threading
import time
from uuid import uuid4

import pytest

from racto.celery import Delivery
from racto.celery.streams import StreamReader
from racto.core.errors import DeadlineExceededError, JobError

from .harness.premises import Site


@pytest.fixture
def reader(site: Site) -> StreamReader:
    """A reader of the site's streams."""
    return StreamReader(site.layers, worker=site.depot.streamed)


def test_pieces_make_the_result(site: Site, reader: StreamReader) -> None:
    words = f"hello my dear friend {uuid4()}"
    task_id = site.depot.streamed.generate(words).id
    steps = list(reader.read(task_id, timeout_s=20))
    assert steps[-1].is_final
    assert not steps[-1].is_cut
    assert sum(bool(step.text) for step in steps) > 3
    text = "".join(step.text for step in steps)
    assert text == f"run 1 of {words}"
    assert site.depot.streamed.wait(task_id, timeout_s=20).result["content"] == text


def test_two_readers_in_both_voices_read_the_same(site: Site, reader: StreamReader) -> None:
    task_id = site.depot.streamed.generate(f"hello {uuid4()}").id
    sync: list[str] = []
    thread = threading.Thread(
        target=lambda: sync.extend(step.text for step in reader.read(task_id, timeout_s=20))
    )
    thread.start()

    async def read() -> list[str]:
        return [step.text async for step in reader.aread(task_id, timeout_s=20)]

    found = asyncio.run(read())
    thread.join(20)
    assert "".join(found) == "".join(sync) != ""


def test_failure_ends_the_reader(site: Site, reader: StreamReader) -> None:
    task_id = site.depot.streamed.generate(f"refuse {uuid4()}").id
    with pytest.raises(JobError, match="no such field"):
        list(reader.read(task_id, timeout_s=20))


def test_retry_is_read_to_its_end(site: Site, reader: StreamReader) -> None:
    words = f"flaky {uuid4()}"
    steps = list(reader.read(site.depot.streamed.generate(words).id, timeout_s=20))
    assert "".join(step.text for step in steps) == f"run 2 of {words}"


def test_time_is_up_while_the_task_goes_on(site: Site, reader: StreamReader) -> None:
    words = f"sleep 1 {uuid4()}"
    task_id = site.depot.streamed.generate(words).id
    with pytest.raises(DeadlineExceededError):
        list(reader.read(task_id, timeout_s=0.2))
    steps = list(reader.read(task_id, timeout_s=20))
    assert "".join(step.text for step in steps) == f"run 1 of {words}"


def test_time_is_up_while_the_reply_comes_and_comes(site: Site, reader: StreamReader) -> None:
    task_id, stop = f"endless-{uuid4()}", threading.Event()
    key = f"racto:celery:stream:{task_id}"

    def write() -> None:
        site.redis.xadd(key, {"k": "begin", "r": "a", "d": ""})
        until = time.monotonic() + 4
        while not stop.wait(0.01) and time.monotonic() < until:
            site.redis.xadd(key, {"k": "text", "r": "a", "d": "more "})

    writer = threading.Thread(target=write)
    writer.start()
    began = time.monotonic()
    try:
        with pytest.raises(DeadlineExceededError):
            list(reader.read(task_id, timeout_s=0.3))
        assert time.monotonic() - began < 2
    finally:
        stop.set()
        writer.join(20)
        site.redis.delete(key)


def test_reader_of_a_task_done_before_ends(site: Site, reader: StreamReader) -> None:
    key = Delivery(idempotency_key=str(uuid4()))
    task_id = site.depot.streamed.generate("hello again", delivery=key).id
    assert site.depot.streamed.wait(task_id, timeout_s=20).ok
    site.redis.delete(f"racto:celery:stream:{task_id}")
    (step,) = reader.read(task_id, timeout_s=20)
    assert step.is_final
    assert step.is_cut
