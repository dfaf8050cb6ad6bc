"""Waiting: for how long, in which order, through outages, and never inside a task."""

from __future__ import annotations

import itertools
import time
from typing import Any

import pytest
from celery import Celery  # type: ignore[import-untyped]

from racto.celery import RactoCeleryWorker, TaskStatus, waiting as room
from racto.core.errors import APIConnectionError
from racto.core.flows import arun, run
from racto.core.testing import ScriptedKit

from .harness.premises import Site


def store(app: Any, task_id: str, state: str, result: Any = None) -> None:
    app.backend.store_result(task_id, result, state)


def test_results_come_in_the_order_of_the_ids_and_ids_may_repeat(app: Celery) -> None:
    for n in range(1200):
        store(app, f"t{n}", "SUCCESS", n)
    ids = [f"t{n}" for n in reversed(range(1200))] + ["t5", "t5"]
    found = run(room.waiting(app, ids, 10.0))
    assert [one.task_id for one in found] == ids
    assert [one.result for one in found][-3:] == [0, 5, 5]


def test_redis_is_asked_for_many_at_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = site.depot.app.backend
    asked: list[str] = []
    for name in ("get", "mget"):
        monkeypatch.setattr(backend.client, name, _counted(backend.client, name, asked))
    found = run(room.waiting(site.depot.app, [f"never-{n}" for n in range(1200)], 0.0))
    assert [one.status for one in found] == [TaskStatus.PENDING] * 1200
    assert asked == ["mget"] * 3


def _counted(client: Any, name: str, asked: list[str]) -> Any:
    call = getattr(client, name)

    def counted(*args: Any) -> Any:
        asked.append(name)
        return call(*args)

    return counted


async def test_both_voices_tell_what_is_not_done(app: Celery) -> None:
    store(app, "done", "SUCCESS", 1)
    for found in (
        run(room.waiting(app, ["done", "open"], 0.05)),
        await arun(room.waiting(app, ["done", "open"], 0.05)),
    ):
        assert [one.timed_out for one in found] == [False, True]
        assert found[1].status is TaskStatus.PENDING
    assert run(room.waiting(app, ["open"], 0.0))[0].timed_out
    assert run(room.waiting(app, [], 0.0)) == []


def test_back_end_may_be_away_for_a_while(app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    store(app, "flaky", "SUCCESS", 1)
    read, calls = app.backend.get, itertools.count()

    def flaky(key: str) -> Any:
        if next(calls) < 4:
            raise ConnectionResetError("gone")
        return read(key)

    monkeypatch.setattr(app.backend, "get", flaky)
    assert run(room.waiting(app, ["flaky"], 5.0))[0].result == 1
    monkeypatch.setattr(app.backend, "get", _gone)
    with pytest.raises(APIConnectionError, match="gone"):
        run(room.waiting(app, ["flaky"], 0.05))
    monkeypatch.setattr(room, "PATIENCE_S", 0.05)
    with pytest.raises(APIConnectionError, match="gone"):
        run(room.waiting(app, ["flaky"], None))


def _gone(key: str) -> Any:
    raise ConnectionResetError("gone")


def test_pauses_grow_with_the_time_waited(app: Celery, monkeypatch: pytest.MonkeyPatch) -> None:
    now, pauses = [100.0], []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", sleep)
    run(room.waiting(app, ["open"], 60.0))
    assert pauses[0] == room.FIRST_PAUSE_S
    assert sum(pauses) == pytest.approx(60.0)
    assert max(pauses) == room.LONGEST_PAUSE_S
    assert pauses[:-1] == sorted(pauses[:-1])
    # A task of a second is asked for some fifty times, and noticed within a tenth of it.
    assert len([at for at in itertools.accumulate(pauses) if at < 1.0]) < 80


def test_waiting_inside_a_task_is_refused(app: Celery) -> None:
    worker = RactoCeleryWorker(app, kit=ScriptedKit())
    from celery.result import denied_join_result  # type: ignore[import-untyped]

    with denied_join_result(), pytest.raises(RuntimeError, match="Never call result"):
        worker.wait("t")
