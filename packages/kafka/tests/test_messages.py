"""Messages tell their facts, from librdkafka's record or from their maker."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import Message
from pydantic import ValidationError

from racto.core.errors import InvalidResponseError
from racto.kafka import KafkaMessage, KafkaProduceResult, KafkaPublishRequest


def made(**fields: object) -> KafkaMessage:
    facts: dict[str, object] = {"topic": "t", "partition": 1, "offset": 7, **fields}
    return KafkaMessage(**facts)  # type: ignore[arg-type]


def test_a_message_of_a_record_equals_one_that_is_made() -> None:
    record = Message(
        topic="t",
        partition=1,
        offset=7,
        key=b"k",
        value=b"1",
        headers=[("a", b"x")],
        timestamp=(1, 99),
    )
    read = KafkaMessage.of(record, "k", 1)
    same = made(key="k", value=1, headers={"a": b"x"}, timestamp_ms=99)
    assert read == same
    assert hash(read) == hash(same)
    assert (read.raw_key, read.raw_value, read.place) == (b"k", b"1", ("t", 1))
    assert read != made(key="k", value=2, headers={"a": b"x"}, timestamp_ms=99)
    assert read != "text"


def test_headers_may_repeat_and_be_empty() -> None:
    message = made(headers=[("a", b"1"), ("a", b"\xff2"), ("n", None), ("s", "text")])
    assert message.header("a") == "\N{REPLACEMENT CHARACTER}2"
    assert message.header("n") is None
    assert message.header("missing") is None
    assert message.header("s") == "text"
    assert [name for name, _ in message.headers] == ["a", "a", "n", "s"]


def test_a_message_without_a_time_has_none() -> None:
    assert made().timestamp_ms is None
    assert made(timestamp_ms=5).timestamp_ms == 5


def test_a_message_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        made().value = 2  # type: ignore[misc]


def test_repr_shows_no_content() -> None:
    assert "secret" not in repr(made(value="secret", key="secret"))


@pytest.mark.parametrize("fields", [{"topic": ""}, {"partition": -1}, {"timestamp_ms": 0}])
def test_bad_requests_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        KafkaPublishRequest.model_validate({"topic": "t", **fields})


def test_results_are_plain_data() -> None:
    result = KafkaProduceResult(topic="t", partition=1, offset=2)
    assert result.model_dump()["offset"] == 2


def test_headers_that_cannot_be_read_are_asked_for_once() -> None:
    class Broken:
        calls = 0

        def headers(self) -> Any:
            # As the client does: an error first, and then a list that may crash the interpreter.
            self.calls += 1
            if self.calls > 1:
                pytest.fail("asked again")
            raise SystemError("returned a result with an exception set")

        def __getattr__(self, name: str) -> Any:
            facts = {"topic": "t", "partition": 1, "offset": 2, "key": b"k", "value": b"v"}
            return lambda: facts.get(name, (1, 9))

    message = KafkaMessage.of(Broken(), "k", "v")
    for _ in range(2):
        with pytest.raises(InvalidResponseError, match="t, partition 1, offset 2") as caught:
            message.header("trace")
        assert not caught.value.retryable
    assert (message.place, message.offset, message.raw_key, message.raw_value) == (
        ("t", 1), 2, b"k", b"v",
    )  # fmt: skip
    assert (message.key, message.timestamp_ms) == ("k", 9)
