"""Workers take a fair share, keep what is theirs until it is done, and end when they are told."""

import asyncio
import threading
from collections.abc import Callable
from itertools import chain

import pytest

from racto.core.retries import NO_RETRIES
from racto.core.telemetry import NOOP_METRICS
from racto.kafka.bells import Bell
from racto.kafka.crew import Crew
from racto.kafka.endings import Ending
from racto.kafka.handlers import BoundHandler
from racto.kafka.lanes import Lanes
from racto.kafka.offsets import OffsetTracker
from racto.kafka.outputs import OutputDesk
from racto.kafka.stream_stats import StreamCounter
from racto.kafka.treatment import Treatment
from racto.kafka.verdicts import Halt

from .scripted import record


class Scene:
    """A crew, and eight messages to handle."""

    def __init__(self, work: Callable[[list[int]], None], *, workers: int = 2, portion: int = 9):
        self.bell = bell = Bell()
        self.tracker = tracker = OffsetTracker(bell)
        treatment = Treatment(
            handler=BoundHandler(lambda messages: work([m.offset for m in messages])),
            desk=OutputDesk(None, tracker=tracker, bell=bell),
            tracker=tracker,
            retry=NO_RETRIES,
            letters=None,
            ending=Ending(bell, seconds=60),
            counter=StreamCounter(NOOP_METRICS),
            suspects={},
        )
        self.crew = Crew(
            treatment=treatment, lanes=Lanes("none"), bell=bell, workers=workers, portion=portion
        )
        self.messages = [record(n) for n in range(8)]
        tracker.admit(self.messages)

    def is_idle(self) -> bool:
        return self.crew.is_idle


def test_portions_are_shares() -> None:
    taken: list[list[int]] = []
    scene = Scene(taken.append, workers=4)
    scene.crew.put(scene.messages)
    scene.crew.start()
    assert scene.bell.until(scene.is_idle, 20)
    assert scene.crew.close(20)
    assert sorted(chain(*taken)) == list(range(8))
    assert max(map(len, taken)) == 2
    assert scene.tracker.committable() == {("in", 0): 8}


async def test_tasks_do_the_same_as_threads() -> None:
    taken: list[list[int]] = []
    scene = Scene(taken.append, portion=3)
    scene.crew.put(scene.messages)
    await scene.crew.astart()
    assert await scene.bell.auntil(scene.is_idle, 20)
    assert await scene.crew.aclose(20)
    assert sorted(chain(*taken)) == list(range(8))
    assert max(map(len, taken)) == 3


def test_what_a_worker_has_taken_is_claimed() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_: list[int]) -> None:
        begun.set()
        go_on.wait(20)

    scene = Scene(work, workers=1, portion=1)
    scene.crew.put(scene.messages)
    scene.crew.start()
    assert begun.wait(20)
    assert not scene.tracker.wait([("in", 0)], 0.01)
    assert not scene.crew.is_idle
    scene.crew.purge({("in", 0)})
    go_on.set()
    assert scene.tracker.wait([("in", 0)], 20)
    assert scene.crew.close(20)
    assert scene.tracker.committable() == {("in", 0): 1}


def test_a_failure_is_kept_and_ends_the_work() -> None:
    def work(_: list[int]) -> None:
        raise ValueError("broken")

    scene = Scene(work, workers=2, portion=1)
    scene.crew.put(scene.messages)
    scene.crew.start()
    assert scene.bell.until(lambda: scene.crew.failure is not None, 20)
    assert scene.crew.close(20)
    assert isinstance(scene.crew.failure, Halt)
    assert isinstance(scene.crew.failure.error, ValueError)
    assert scene.tracker.committable() == {}


def test_who_does_not_end_in_time_is_told_of() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_: list[int]) -> None:
        begun.set()
        go_on.wait(20)

    scene = Scene(work, workers=1)
    scene.crew.put(scene.messages)
    scene.crew.start()
    assert begun.wait(20)
    assert not scene.crew.close(0.01)
    go_on.set()
    assert scene.crew.close(20)


async def test_a_task_that_is_cancelled_at_the_end_is_no_failure() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def work(_: list[int]) -> None:
        begun.set()
        go_on.wait(20)

    scene = Scene(work, workers=1)
    scene.crew.put(scene.messages)
    await scene.crew.astart()
    assert await asyncio.to_thread(begun.wait, 20)
    assert not await scene.crew.aclose(0.01)
    assert scene.crew.failure is None
    go_on.set()


def test_a_thread_that_cannot_be_started_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(lambda _: None, workers=3)
    real, count = threading.Thread.start, 0

    def start(self: threading.Thread) -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise RuntimeError("can't start new thread")
        real(self)

    monkeypatch.setattr(threading.Thread, "start", start)
    with pytest.raises(RuntimeError, match="new thread"):
        scene.crew.start()
    monkeypatch.undo()
    assert scene.crew.close(20)
