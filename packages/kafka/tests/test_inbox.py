"""The way out of librdkafka: each message once, kept when it did not arrive, dropped when it left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message

from racto.core.errors import APIConnectionError, InvalidResponseError, RactoGatewayError
from racto.kafka.inbox import Inbox


class Source:
    """What a consumer of confluent-kafka would hand out, batch by batch."""

    def __init__(self, *batches: list[Any] | Exception) -> None:
        self.batches = list(batches)
        self.asked: list[tuple[int, float]] = []
        self.between: Callable[[], None] = lambda: None

    def consume(self, most: int, seconds: float) -> list[Any]:
        self.asked.append((most, seconds))
        if len(self.asked) == 2:
            self.between()
        if not self.batches:
            time.sleep(min(seconds, 0.01))
            return []
        found = self.batches.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


def record(offset: int, value: bytes = b"1", *, partition: int = 0, error: Any = None) -> Message:
    return Message(topic="t", partition=partition, offset=offset, value=value, error=error)


def offsets(messages: list[Any]) -> list[int]:
    return [message.offset for message in messages]


def test_one_is_waited_for_and_the_rest_is_taken_along() -> None:
    source = Source([record(0)], [record(1), record(2)])
    assert offsets(Inbox(source).take(10, 5.0)) == [0, 1, 2]
    assert [most for most, _ in source.asked] == [1, 9]
    assert source.asked[1][1] == 0


def test_a_limit_of_one_asks_for_one() -> None:
    source = Source([record(0)], [record(1)])
    assert offsets(Inbox(source).take(1, 5.0)) == [0]
    assert len(source.asked) == 1


def test_no_wait_is_a_short_one() -> None:
    source = Source()
    assert Inbox(source).take(10, 0) == []
    assert all(seconds >= 0.001 for _, seconds in source.asked)


def test_what_is_kept_comes_first_and_within_the_limit() -> None:
    inbox = Inbox(Source([record(0)], [record(1), record(2)], [record(3)]))
    inbox.keep(inbox.take(10, 1))
    assert inbox.starts() == {("t", 0): 0}
    assert offsets(inbox.take(2, 1)) == [0, 1]
    assert inbox.starts() == {("t", 0): 2}
    assert offsets(inbox.take(2, 1)) == [2]
    assert offsets(inbox.take(2, 1)) == [3]


def test_what_is_kept_of_a_partition_that_left_is_dropped() -> None:
    inbox = Inbox(Source([record(0)], [record(0, partition=1), record(1)]))
    inbox.keep(inbox.take(10, 1))
    inbox.drop([("t", 0)])
    assert inbox.starts() == {("t", 1): 0}
    assert [message.place for message in inbox.take(10, 1)] == [("t", 1)]


def test_a_partition_that_leaves_in_the_middle_of_a_poll_takes_its_message_along() -> None:
    source = Source([record(0)], [record(0, partition=1)])
    inbox = Inbox(source)
    source.between = lambda: inbox.drop([("t", 0)])
    assert [message.place for message in inbox.take(10, 1)] == [("t", 1)]


def test_a_partition_that_left_long_ago_may_come_back() -> None:
    inbox = Inbox(Source([record(0)], []))
    inbox.drop([("t", 0)])
    assert offsets(inbox.take(10, 1)) == [0]


def test_errors_wait_for_the_messages_before_them() -> None:
    denied = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)
    inbox = Inbox(Source([record(0)], [record(-1, error=denied)], [record(1)]))
    assert offsets(inbox.take(10, 1)) == [0]
    with pytest.raises(RactoGatewayError, match="reading 't', partition 0"):
        inbox.take(10, 1)
    assert offsets(inbox.take(10, 1)) == [1]


def test_the_end_of_a_partition_is_no_error() -> None:
    end = KafkaError(KafkaError._PARTITION_EOF)
    inbox = Inbox(Source([record(5, error=end)], [record(0)]))
    assert offsets(inbox.take(10, 1)) == [0]
    assert inbox.take(10, 0) == []


def test_what_the_client_raises_is_translated() -> None:
    down = KafkaException(KafkaError(KafkaError._ALL_BROKERS_DOWN))
    inbox = Inbox(Source(down))
    with pytest.raises(APIConnectionError, match="polling"):
        inbox.take(10, 0)


def test_an_error_that_nobody_got_is_raised_again() -> None:
    inbox = Inbox(Source([record(0)], []))
    inbox.keep_error(KeyError("mine"))
    with pytest.raises(KeyError, match="mine"):
        inbox.take(10, 1)
    assert offsets(inbox.take(10, 1)) == [0]


@pytest.mark.parametrize("own", [None, lambda data, topic: data[0] and int(data)])
def test_poison_is_a_message_with_an_error(own: Any) -> None:
    inbox = Inbox(Source([record(0, b"{")], [record(1, b"2")]), value=own)
    bad, good = inbox.take(10, 1)
    assert isinstance(bad.error, InvalidResponseError)
    assert (bad.value, bad.raw_value, good.value, good.error) == (b"{", b"{", 2, None)


def test_closing_ends_a_poll_and_waits_for_it() -> None:
    inbox = Inbox(Source())
    ended: list[float] = []

    def poll() -> None:
        assert inbox.take(10, 60) == []
        ended.append(time.monotonic())

    thread = threading.Thread(target=poll)
    thread.start()
    time.sleep(0.05)
    with inbox.closing():
        pass
    thread.join(10)
    assert len(ended) == 1
    assert inbox.take(10, 60) == []
