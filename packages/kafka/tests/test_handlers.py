"""Handlers of every kind can be called in both voices, and what they return is checked."""

import asyncio
import functools
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

import pytest

from racto.core.errors import ConfigurationError, RactoGatewayError
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


def test_each_takes_a_plain_function_that_returns_an_awaitable() -> None:
    bound = BoundHandler(each(lambda message: adouble(message)), "out")
    assert bound.call(MESSAGES) == [0, 2, 4]
    assert asyncio.run(bound.acall(MESSAGES)) == [0, 2, 4]


async def test_a_cancellation_of_the_handlers_own_is_an_error_to_be_tried_again() -> None:
    async def handle(_: list[KafkaMessage]) -> None:
        task = asyncio.ensure_future(asyncio.sleep(60))
        asyncio.get_running_loop().call_soon(task.cancel)
        await task

    with pytest.raises(RactoGatewayError, match="was cancelled") as caught:
        await BoundHandler(handle).acall(MESSAGES)
    assert caught.value.retryable


async def test_a_cancellation_of_the_call_is_one() -> None:
    async def handle(_: list[KafkaMessage]) -> None:
        await asyncio.sleep(60)

    task = asyncio.create_task(BoundHandler(handle).acall(MESSAGES))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()


async def test_as_many_plain_calls_run_at_once_as_there_are_workers() -> None:
    gate = threading.Barrier(40, timeout=20)
    place: ContextVar[str] = ContextVar("place", default="outside")

    def handle(_: list[KafkaMessage]) -> list[str]:
        gate.wait()
        return [place.get()]

    bound = BoundHandler(handle, "out", threads=40)
    place.set("inside")
    assert await asyncio.gather(*(bound.acall(MESSAGES) for _ in range(40))) == [["inside"]] * 40
    bound.close()
