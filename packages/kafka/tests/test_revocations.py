"""When partitions go, what is handled is committed, what runs is waited for, the rest is forgotten."""

import logging
import threading
from typing import Any

import pytest
from confluent_kafka import KafkaError

from racto.core.telemetry import NOOP_METRICS
from racto.kafka.bells import Bell
from racto.kafka.commits import Committer
from racto.kafka.offsets import OffsetTracker
from racto.kafka.revocations import Handover
from racto.kafka.stream_stats import StreamCounter

from .scripted import ScriptedConsumer, consumer_of, record, refused

PLACE, OTHER = ("in", 0), ("in", 1)


class Scene:
    """A handover, and two messages in each of two partitions."""

    def __init__(self, *, timeout: float = 20.0) -> None:
        self.client = ScriptedConsumer(partitions=2)
        self.tracker = OffsetTracker(Bell())
        committer = Committer(
            consumer_of(self.client), self.tracker, counter=StreamCounter(NOOP_METRICS),
            interval=60.0, enabled=True,
        )  # fmt: skip
        self.purged: list[set[Any]] = []
        self.handover = Handover(self.tracker, committer, purge=self.purged.append, timeout=timeout)
        for number in (0, 1):
            self.tracker.admit([record(0, number), record(1, number)])
        self.tracker.finish(self.tracker.claim([record(0), record(0, 1)]))


def test_what_is_handled_is_committed_and_the_partition_forgotten() -> None:
    scene = Scene()
    scene.handover.revoked([PLACE])
    assert scene.client.committed == [{0: 1}]
    assert scene.purged == [{PLACE}]
    assert scene.tracker.committable() == {OTHER: 1}
    assert scene.tracker.in_flight == 1


def test_a_handler_that_runs_is_waited_for() -> None:
    scene = Scene()
    claims = scene.tracker.claim([record(1)])
    timer = threading.Timer(0.02, scene.tracker.finish, [claims])
    timer.start()
    scene.handover.revoked([PLACE])
    timer.join()
    assert scene.client.committed == [{0: 2}]


def test_one_that_takes_too_long_is_not(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene(timeout=0.01)
    late = scene.tracker.claim([record(1)])
    with caplog.at_level(logging.WARNING, "racto.kafka"):
        scene.handover.revoked([PLACE])
    assert "did not end within 0.01 s" in caplog.text
    assert scene.client.committed == [{0: 1}]
    scene.tracker.finish(late)
    assert scene.tracker.committable([PLACE]) == {}


def test_a_commit_that_is_refused_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    scene = Scene()
    scene.client.failures["commit"] = refused(KafkaError.ILLEGAL_GENERATION)
    with caplog.at_level(logging.WARNING, "racto.kafka"):
        scene.handover.revoked([PLACE])
    assert "ILLEGAL_GENERATION" in caplog.text
    assert scene.tracker.committable() == {OTHER: 1}


def test_of_what_is_lost_nothing_is_committed() -> None:
    scene = Scene()
    scene.handover.lost([PLACE])
    assert scene.client.committed == []
    assert scene.purged == [{PLACE}]
    assert scene.tracker.committable() == {OTHER: 1}


def test_what_comes_back_begins_afresh() -> None:
    scene = Scene()
    scene.handover.assigned([PLACE])
    assert scene.tracker.committable() == {OTHER: 1}
    scene.tracker.admit([record(0)])
    assert scene.tracker.in_flight == 2
