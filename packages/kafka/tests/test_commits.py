"""What is handled is committed now and then, and surely at the end; what passes is tried again."""

import pytest
from confluent_kafka import KafkaError

from racto.core.errors import PermissionDeniedError
from racto.core.flows import arun, run
from racto.core.retries import RetryPolicy
from racto.core.telemetry import NOOP_METRICS
from racto.kafka.bells import Bell
from racto.kafka.commits import Committer
from racto.kafka.offsets import OffsetTracker
from racto.kafka.stream_stats import StreamCounter

from .scripted import ScriptedConsumer, consumer_of, record, refused

PLACE = ("in", 0)
AWAY = refused(KafkaError._TRANSPORT, retriable=True)
FORBIDDEN = refused(KafkaError.GROUP_AUTHORIZATION_FAILED)
# The names that a group gives while it is divided anew.
MOVING = [
    KafkaError.REBALANCE_IN_PROGRESS,
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.UNKNOWN_MEMBER_ID,
]


class Scene:
    """A committer, with one message that is handled."""

    def __init__(self, *, interval: float = 0.0, enabled: bool = True) -> None:
        self.client = ScriptedConsumer()
        self.tracker = OffsetTracker(Bell())
        self.counter = StreamCounter(NOOP_METRICS)
        self.committer = Committer(
            consumer_of(self.client), self.tracker, counter=self.counter, interval=interval,
            enabled=enabled,
        )  # fmt: skip
        self.handle(0)

    def handle(self, offset: int) -> None:
        self.tracker.finish(self.tracker.admit([record(offset)], claimed=True))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("racto.kafka.commits._LAST", RetryPolicy(attempts=3, base=0.0))


async def test_what_is_new_is_committed_once() -> None:
    scene = Scene()
    run(scene.committer.commit_due())
    run(scene.committer.commit_due())
    scene.handle(1)
    await arun(scene.committer.commit_now())
    assert scene.client.committed == [{0: 1}, {0: 2}]
    assert scene.counter.stats(0).commits == 2


def test_nothing_is_committed_before_it_is_due() -> None:
    scene = Scene(interval=60.0)
    assert not scene.committer.is_due
    run(scene.committer.commit_due())
    assert scene.client.committed == []
    run(scene.committer.commit_now())
    assert scene.client.committed == [{0: 1}]


def test_who_commits_alone_is_left_alone() -> None:
    scene = Scene(enabled=False)
    run(scene.committer.commit_due())
    run(scene.committer.commit_now())
    scene.committer.commit_revoked({PLACE})
    assert scene.client.committed == []


@pytest.mark.parametrize("code", [*MOVING, KafkaError._TRANSPORT])
def test_what_passes_waits_for_the_next_time(code: int) -> None:
    scene = Scene()
    scene.client.failures["commit"] = refused(code)
    run(scene.committer.commit_due())
    del scene.client.failures["commit"]
    run(scene.committer.commit_due())
    assert scene.client.committed == [{0: 1}]


@pytest.mark.parametrize("code", MOVING)
def test_a_group_on_the_move_is_no_error_at_the_end(code: int) -> None:
    scene = Scene()
    scene.client.failures["commit"] = refused(code)
    run(scene.committer.commit_now())
    # Then the partition is given back, and that is the time for it.
    del scene.client.failures["commit"]
    scene.committer.commit_revoked({PLACE})
    assert scene.client.committed == [{0: 1}]


def test_what_does_not_pass_is_raised() -> None:
    scene = Scene()
    scene.client.failures["commit"] = FORBIDDEN
    for flow in (scene.committer.commit_due, scene.committer.commit_now):
        with pytest.raises(PermissionDeniedError):
            run(flow())
    with pytest.raises(PermissionDeniedError, match="taken away"):
        scene.committer.commit_revoked({PLACE})


def test_only_the_partitions_that_go_are_committed_as_they_go() -> None:
    scene = Scene()
    scene.tracker.finish(scene.tracker.admit([record(5, 1)], claimed=True))
    scene.committer.commit_revoked({("in", 1)})
    assert scene.client.committed == [{1: 6}]


def test_the_refusal_of_one_partition_is_not_taken_for_a_commit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene()

    class Refused:
        error = KafkaError(KafkaError.GROUP_AUTHORIZATION_FAILED)

    monkeypatch.setattr(scene.client, "commit", lambda **_: [Refused()])
    with pytest.raises(PermissionDeniedError):
        scene.committer.commit_revoked({PLACE})
    assert scene.tracker.committable() == {PLACE: 1}
