"""A batch counts whole or not at all: what an aborted transaction held is never committed later."""

import asyncio
import threading
from typing import Any

import pytest
from confluent_kafka import KafkaError

from racto.core.errors import BadRequestError, RactoGatewayError
from racto.core.retries import NO_RETRIES, RetryPolicy
from racto.kafka import (
    KafkaMessage,
    KafkaPublishRequest,
    KafkaStreamProcessor,
    each,
    read_dead_letter,
)

from .scripted import (
    ScriptedConsumer,
    ScriptedProducer,
    consumer_of,
    producer_of,
    quick,
    record,
    refused,
)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("racto.kafka.transactions._AGAIN", RetryPolicy(attempts=2, base=0.0))


def exact(
    client: ScriptedConsumer, producer: ScriptedProducer, **fields: Any
) -> KafkaStreamProcessor:
    return KafkaStreamProcessor(
        consumer=consumer_of(client),
        producer=producer_of(producer, **{"transactional.id": "t"}),
        config=quick(guarantee="exactly_once", retry=NO_RETRIES, **fields),
    )


def answer(messages: list[KafkaMessage]) -> list[KafkaPublishRequest]:
    return [KafkaPublishRequest(topic="out", value=m.offset) for m in messages]


@pytest.mark.parametrize("workers", [1, 3])
def test_an_output_that_does_not_fit_leaves_no_copies_of_the_others(workers: int) -> None:
    batch = [record(n) for n in range(5)]
    client, producer = ScriptedConsumer(batch, [], batch), ScriptedProducer()
    # One portion, whoever takes it.
    fields = {"ordering": "partition"} if workers > 1 else {}
    stream = exact(
        client, producer, batch_size=5, dead_letter_topic="dead", workers=workers, **fields
    )

    def handle(messages: list[KafkaMessage]) -> list[KafkaPublishRequest]:
        return [
            KafkaPublishRequest(topic="out", value="x" * 5000 if m.offset == 3 else m.offset)
            for m in messages
        ]

    while len(producer.values("out")) < 4:
        stream.process_once(handle)
    assert producer.values("out") == [b"0", b"1", b"2", b"4"]
    (letter,) = [read_dead_letter(m) for m in producer.out if m.topic == "dead"]
    assert (letter.offset, letter.error_type) == (3, "BadRequestError")
    assert producer.calls.count("abort") == (1 if workers == 1 else producer.calls.count("abort"))


def test_a_message_whose_second_output_does_not_fit_goes_aside_without_its_first() -> None:
    batch = [record(0), record(1)]
    client, producer = ScriptedConsumer(batch, [], batch, [], batch, []), ScriptedProducer()
    stream = exact(client, producer, batch_size=2, dead_letter_topic="dead")

    def handle(message: KafkaMessage) -> list[KafkaPublishRequest]:
        second = "x" * 5000 if message.offset == 0 else "fits"
        return [KafkaPublishRequest(topic="out", value=v) for v in (message.offset, second)]

    while not producer.out:
        stream.process_once(each(handle))
    assert producer.values("out") == [b"1", b'"fits"']
    assert [read_dead_letter(m).offset for m in producer.out if m.topic == "dead"] == [0]


def test_without_a_dead_letter_topic_it_stops_the_stream() -> None:
    client, producer = ScriptedConsumer([record(0)], [record(0)]), ScriptedProducer()
    stream = exact(client, producer, batch_size=1)
    plans = [KafkaPublishRequest(topic="out", value=v) for v in ("a", "x" * 5000)]
    with pytest.raises(BadRequestError, match="MSG_SIZE_TOO_LARGE"):
        stream.run(lambda _: plans)
    assert producer.out == []


def test_claims_of_what_was_put_aside_hold_up_no_end() -> None:
    client, producer = ScriptedConsumer([record(0)]), ScriptedProducer()
    stream = exact(client, producer, batch_size=1, dead_letter_topic="dead")
    plans = [KafkaPublishRequest(topic="out", value="x" * 5000)]
    assert stream.process_once(lambda _: plans) == 1
    assert len(producer.values("dead")) == 1
    assert stream._tracker.is_idle


async def test_what_a_cancelled_transaction_held_is_done_again() -> None:
    batch = [record(0), record(1)]
    client, producer = ScriptedConsumer(batch, [], batch), ScriptedProducer()
    stream = exact(client, producer, batch_size=2)
    begun = asyncio.Event()

    async def hang(message: KafkaMessage) -> KafkaPublishRequest:
        if message.offset == 1:
            begun.set()
            await asyncio.Event().wait()
        return answer([message])[0]

    task = asyncio.create_task(stream.aprocess_once(each(hang)))
    await begun.wait()
    task.cancel()
    await asyncio.wait((task,))
    assert producer.calls[-1] == "abort"
    while not producer.out:
        await stream.aprocess_once(answer)
    assert client.sought == [(0, 0)]
    assert producer.values("out") == [b"0", b"1"]


def test_partitions_that_go_in_mid_transaction_abort_it() -> None:
    client, producer = ScriptedConsumer(partitions=2), ScriptedProducer()
    moved = threading.Event()

    def move() -> list[KafkaMessage]:
        client.revoke(0)
        moved.set()
        return []

    client.script.extend([[record(0)], [record(5, 1)], move, [record(5, 1)]])
    stream = exact(client, producer, batch_size=2, workers=2)

    def handle(message: KafkaMessage) -> KafkaPublishRequest:
        # Longer than the loop stays away from polls.
        assert moved.wait(20)
        return answer([message])[0]

    while not producer.out:
        stream.process_once(each(handle))
    assert producer.calls.count("abort") == 1
    assert producer.values("out") == [b"5"]
    assert client.sought == [(1, 5)]


def test_an_abort_that_fails_is_done_before_the_next_transaction() -> None:
    client, producer = ScriptedConsumer([record(0)], [record(0)]), ScriptedProducer()
    stream = exact(client, producer, batch_size=1)
    late = refused(KafkaError._TIMED_OUT, retriable=True)
    producer.refusing = {"abort": [late, late]}

    def fail(_: list[KafkaMessage]) -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken") as caught:
        stream.process_once(fail)
    assert any("could not be aborted" in note for note in caught.value.__notes__)
    stream.process_once(answer)
    assert producer.calls == [
        "init", "begin", "abort", "abort", "abort", "begin", "offsets", "commit",
    ]  # fmt: skip
    assert producer.values("out") == [b"0"]


def test_a_commit_that_nobody_knows_the_fate_of_is_not_done_again() -> None:
    client, producer = ScriptedConsumer([record(0)], [record(0)]), ScriptedProducer()
    stream = exact(client, producer, batch_size=1)
    late = refused(KafkaError._TIMED_OUT, retriable=True)
    producer.refusing = {"commit": [late, late]}
    for _ in range(2):
        with pytest.raises(RactoGatewayError, match="not known whether the transaction"):
            stream.process_once(answer)
    assert producer.calls == ["init", "begin", "offsets", "commit", "commit"]


def test_a_commit_that_has_to_be_aborted_is_done_again() -> None:
    client, producer = ScriptedConsumer([record(0)], [record(0)]), ScriptedProducer()
    stream = exact(client, producer, batch_size=1)
    stream._rounds._attempts = 2  # type: ignore[union-attr]
    aborted = refused(KafkaError.UNKNOWN_MEMBER_ID, txn_requires_abort=True)
    producer.refusing = {"commit": [aborted]}
    stream.process_once(answer)
    assert producer.calls[-2:] == ["commit", "abort"]
    stream.process_once(answer)
    assert producer.values("out") == [b"0"]


async def test_a_call_of_the_client_ends_before_its_cancellation_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client, producer = ScriptedConsumer([record(0)]), ScriptedProducer()
    stream = exact(client, producer, batch_size=1)
    begun, go_on = threading.Event(), threading.Event()
    commit = producer.commit_transaction

    def slow(seconds: float) -> None:
        begun.set()
        assert go_on.wait(20)
        commit(seconds)

    monkeypatch.setattr(producer, "commit_transaction", slow)
    task = asyncio.create_task(stream.aprocess_once(answer))
    await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    await asyncio.sleep(0.01)
    assert not task.done()
    go_on.set()
    await asyncio.wait((task,))
    assert task.cancelled()
    # It was committed, and what is committed is not done again.
    assert producer.values("out") == [b"0"]
    await stream.aprocess_once(answer)
    assert client.sought == []
    assert producer.values("out") == [b"0"]
