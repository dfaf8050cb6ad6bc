"""A shift takes messages, deals with what fails meanwhile, and ends without losing any."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError

from racto.core.flows import Flow, run, step
from racto.core.retries import NO_RETRIES
from racto.core.telemetry import NOOP_METRICS
from racto.kafka import KafkaMessage, KafkaStreamConfig
from racto.kafka.bells import Bell
from racto.kafka.endings import Ending
from racto.kafka.handlers import BoundHandler, Handler
from racto.kafka.offsets import OffsetTracker
from racto.kafka.outputs import OutputDesk
from racto.kafka.shift import Shift
from racto.kafka.stream_stats import StreamCounter
from racto.kafka.treatment import Suspects
from racto.kafka.verdicts import Halt

from .scripted import ScriptedProducer, producer_of, quick, record

PLACE = ("in", 0)


class Scene:
    """A shift, and what surrounds it."""

    def __init__(self, handler: Handler, **fields: Any) -> None:
        self.bell = bell = Bell()
        self.tracker = OffsetTracker(bell)
        self.producer = ScriptedProducer()
        self.desk = OutputDesk(producer_of(self.producer), tracker=self.tracker, bell=bell)
        config: KafkaStreamConfig = quick(**{"retry": NO_RETRIES, **fields})
        self.ending = Ending(bell, seconds=config.drain_timeout_s)
        self.suspects: Suspects = {}
        self.rewound: list[dict[Any, int]] = []
        self.shift = Shift(
            handler=BoundHandler(handler, "out"),
            config=config,
            tracker=self.tracker,
            desk=self.desk,
            bell=bell,
            ending=self.ending,
            counter=StreamCounter(NOOP_METRICS),
            letters=None,
            suspects=self.suspects,
            wait=self.wait,
            rewind=self.rewind,
        )
        run(self.shift.open())

    def wait(self, reached: Callable[[], bool]) -> Flow[None]:
        yield from self.ending.until(reached, 20)

    def rewind(self) -> Flow[None]:
        self.rewound.append(self.tracker.rewind())
        yield from step(self.bell.until, self.bell.auntil, lambda: True)

    def take(self, *offsets: int) -> None:
        run(self.shift.take([record(n) for n in offsets]))


@pytest.mark.parametrize("workers", [1, 3])
def test_what_was_taken_is_handled_when_it_has_finished(workers: int) -> None:
    scene = Scene(lambda messages: [m.offset for m in messages], workers=workers)
    scene.take(0, 1, 2)
    run(scene.shift.finish())
    assert scene.tracker.committable() == {PLACE: 3}
    assert sorted(scene.producer.values("out")) == [b"0", b"1", b"2"]
    assert run(scene.shift.close())
    assert scene.ending.is_over


def test_the_loop_itself_handles_with_one_worker() -> None:
    threads: list[str] = []
    scene = Scene(lambda _: threads.append(threading.current_thread().name))
    scene.take(0)
    assert threads == [threading.current_thread().name]
    scene.shift.halt()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_ends_the_shift(workers: int) -> None:
    def fail(_: list[KafkaMessage]) -> None:
        raise ValueError("broken")

    scene = Scene(fail, workers=workers)

    def work() -> None:
        scene.take(0)
        run(scene.shift.finish())

    with pytest.raises(Halt) as caught:
        work()
    assert isinstance(caught.value.error, ValueError)
    assert run(scene.shift.close())
    assert scene.tracker.rewind() == {PLACE: 0}


def test_what_the_broker_refused_is_suspected_and_read_again() -> None:
    scene = Scene(lambda messages: [m.offset for m in messages])
    scene.producer.error = KafkaError(KafkaError.INVALID_RECORD)
    scene.take(0, 1)
    run(scene.shift.finish())
    assert scene.rewound == [{PLACE: 0}]
    assert scene.suspects == {(PLACE, 0): None, (PLACE, 1): None}
    assert not scene.shift.has_trouble


def test_a_broker_that_delivers_nothing_ends_the_shift() -> None:
    scene = Scene(lambda _: [1])
    scene.producer.error = KafkaError(KafkaError._MSG_TIMED_OUT)
    scene.take(0)
    with pytest.raises(Halt, match="_MSG_TIMED_OUT"):
        run(scene.shift.finish())


def test_who_waits_when_the_time_is_over_is_told() -> None:
    scene = Scene(lambda _: [1], drain_timeout_s=0.01)
    scene.producer.is_silent = True
    scene.take(0)
    scene.ending.begin()
    with pytest.raises(Halt) as caught:
        run(scene.shift.finish())
    assert caught.value.error is None
    scene.producer.is_silent = False
    # What has been handed over is worth a little more time.
    assert run(scene.shift.close())
    assert scene.tracker.committable() == {PLACE: 1}


def test_what_waits_for_a_worker_is_dropped_with_its_partition() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handle(_: list[KafkaMessage]) -> None:
        begun.set()
        go_on.wait(20)

    scene = Scene(handle, poll_while_handling=True, batch_size=1)
    scene.take(0, 1, 2)
    assert begun.wait(20)
    scene.shift.purge({PLACE})
    go_on.set()
    assert scene.bell.until(lambda: scene.tracker.is_idle, 20)
    assert run(scene.shift.close())
    assert scene.tracker.committable() == {PLACE: 1}
