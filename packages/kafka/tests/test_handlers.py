"""Handlers of every kind can be called in both voices, and what they return is checked."""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.kafka import KafkaMessage, KafkaPublishRequest, each
from racto.kafka.handlers import BoundHandler

MESSAGES = [KafkaMessage(topic="t", partition=0, offset=n, value=n) for n in range(3)]


def doubled(messages: list[KafkaMessage]) -> list[int]:
    return [m.value * 2 for m in messages]


async def adoubled(messages: list[KafkaMessage]) -> list[int]:
    return doubled(messages)


def later(messages: list[KafkaMessage]) -> Any:
    return adoubled(messages)


class Doubler:
    async def __call__(self, messages: list[KafkaMessage]) -> list[int]:
        return doubled(messages)


def double(message: KafkaMessage) -> int:
    return int(message.value * 2)


async def adouble(message: KafkaMessage) -> int:
    return double(message)


def sometimes(message: KafkaMessage) -> list[int] | None:
    return [message.value, message.value] if message.value == 2 else None


@pytest.mark.parametrize(
    "handler",
    [doubled, adoubled, later, Doubler(), functools.partial(adoubled), each(double), each(adouble)],
)
async def test_both_voices_call_every_kind_of_handler(handler: Any) -> None:
    bound = BoundHandler(handler, "out")
    assert bound.call(MESSAGES) == [0, 2, 4]
    assert await bound.acall(MESSAGES) == [0, 2, 4]
    assert bound.topic == "out"


def test_each_takes_none_one_and_many() -> None:
    bound = BoundHandler(each(sometimes), "out")
    assert bound.one_at_a_time
    assert bound.call(MESSAGES) == [2, 2]


def test_requests_need_no_topic() -> None:
    class Request(KafkaPublishRequest):
        pass

    plans = [KafkaPublishRequest(topic="elsewhere", value=1), Request(topic="there")]
    assert BoundHandler(lambda _: plans).call(MESSAGES) == plans


@pytest.mark.parametrize("returned", ["text", b"bytes", {"a": 1}, 5, {1, 2}])
def test_what_is_no_list_is_refused(returned: Any) -> None:
    handler: Callable[..., Any] = lambda _: returned  # noqa: E731
    with pytest.raises(ConfigurationError, match=type(returned).__name__):
        BoundHandler(handler, "out").call(MESSAGES)


def test_a_value_without_a_topic_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="output_topic"):
        BoundHandler(doubled).call(MESSAGES)


def test_none_publishes_nothing() -> None:
    assert BoundHandler(lambda _: None).call(MESSAGES) == ()
