"""A message is finished when all that it led to is acknowledged, and never before."""

from typing import Any

import pytest
from confluent_kafka import KafkaError

from racto.core.errors import BadRequestError, ConfigurationError
from racto.core.flows import run
from racto.kafka import KafkaProducerClient, KafkaPublishRequest
from racto.kafka.bells import Bell
from racto.kafka.endings import Ending
from racto.kafka.offsets import OffsetTracker
from racto.kafka.outputs import OutputDesk
from racto.kafka.verdicts import Halt, Spoilt

from .scripted import ScriptedProducer, producer_of, record

PLACE = ("in", 0)


class Scene:
    """A desk with one message in hand."""

    def __init__(self, producer: ScriptedProducer | None, *, at_once: bool = False) -> None:
        self.bell = Bell()
        self.tracker = OffsetTracker(self.bell)
        self.client: KafkaProducerClient | None = None
        if producer is not None:
            self.client = producer_of(producer)
        self.desk = OutputDesk(self.client, tracker=self.tracker, bell=self.bell, at_once=at_once)
        self.messages = [record(0)]
        self.tracker.admit(self.messages)

    def send(self, *outputs: Any, awaited: Ending | None = None) -> None:
        run(self.desk.send(outputs, self.messages, topic="out", awaited=awaited))

    def settled(self) -> bool:
        return self.bell.until(lambda: self.tracker.is_idle, 20)


def test_without_outputs_it_is_finished_at_once() -> None:
    scene = Scene(None)
    scene.send()
    assert scene.tracker.committable() == {PLACE: 1}
    with pytest.raises(ConfigurationError, match="no producer"):
        scene.send("x")
    assert scene.tracker.is_idle


def test_the_last_report_finishes_it() -> None:
    producer = ScriptedProducer()
    producer.is_silent = True
    scene = Scene(producer)
    scene.send("a", {"b": 1}, KafkaPublishRequest(topic="other", value=2))
    assert scene.tracker.committable() == {}
    assert not scene.tracker.is_idle
    producer.is_silent = False
    assert scene.settled()
    assert scene.tracker.committable() == {PLACE: 1}
    assert (producer.values("out"), producer.values("other")) == ([b'"a"', b'{"b":1}'], [b"2"])


def test_a_refusal_returns_it_to_whoever_did_not_wait() -> None:
    producer = ScriptedProducer()
    producer.error = KafkaError(KafkaError.INVALID_RECORD)
    scene = Scene(producer)
    scene.send("a", "b")
    assert scene.settled()
    returned = scene.desk.take_returned()
    assert returned is not None
    assert isinstance(returned.error, BadRequestError)
    assert [claim.offsets for claim in returned.claims] == [(0,)]
    assert scene.tracker.committable() == {}
    assert not scene.desk.has_returned


def test_who_waits_gets_the_refusal_or_the_end() -> None:
    producer = ScriptedProducer()
    producer.error = KafkaError(KafkaError.INVALID_RECORD)
    scene = Scene(producer)
    with pytest.raises(BadRequestError, match="INVALID_RECORD"):
        scene.send("a", awaited=Ending(scene.bell, seconds=1))
    assert not scene.desk.has_returned
    producer.is_silent = True
    ending = Ending(scene.bell, seconds=0.01)
    ending.begin()
    with pytest.raises(Halt):
        scene.send("a", awaited=ending)
    producer.is_silent = False


def test_what_does_not_fit_gives_its_claims_up_when_the_others_are_reported() -> None:
    producer = ScriptedProducer()
    scene = Scene(producer)
    with pytest.raises(BadRequestError, match="MSG_SIZE_TOO_LARGE"):
        scene.send("a", "x" * 5000, "c")
    assert scene.settled()
    assert producer.values("out") == [b'"a"']
    assert not scene.desk.has_returned
    assert scene.tracker.committable() == {}


@pytest.mark.parametrize(
    ("outputs", "kind"), [(("x" * 5000, "a"), BadRequestError), (("a", "x" * 5000), Spoilt)]
)
def test_in_a_transaction_it_tells_whether_a_part_is_in_it(
    outputs: tuple[str, ...], kind: type[Exception]
) -> None:
    scene = Scene(ScriptedProducer(), at_once=True)
    with pytest.raises(kind, match="MSG_SIZE_TOO_LARGE"):
        scene.send(*outputs)
    assert scene.settled()
    assert scene.tracker.committable() == {}


def test_in_a_transaction_it_is_finished_at_once() -> None:
    producer = ScriptedProducer()
    producer.is_silent = True
    scene = Scene(producer, at_once=True)
    scene.send("a")
    assert scene.tracker.committable() == {PLACE: 1}
    producer.is_silent = False


def test_hurrying_leaves_the_failures_of_others_to_their_owner() -> None:
    producer = ScriptedProducer()
    producer.error = KafkaError(KafkaError.INVALID_RECORD)
    scene = Scene(producer)
    assert scene.client is not None
    scene.client.publish("mine", 1, wait=False)
    while not scene.client.failures:
        run(scene.desk.hurry())
    assert scene.client.flush(1) == 1
