"""A network at its worst: every break has its error, and leaves nothing open."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from racto.core import (
    APIConnectionError,
    ChatConfig,
    InvalidResponseError,
    RactoGatewayTimeoutError,
    RetryPolicy,
)
from racto.testing import Conduct, LoopbackServer, Reply

HI = ChatConfig(user_message="hi")
ONCE = RetryPolicy(attempts=1)
Make = Callable[..., Any]


def test_a_reset_connection_is_tried_again(
    server: LoopbackServer, make_kit: Make, ask: Any
) -> None:
    server.add(Reply(text="lost", conduct=Conduct(reset=True)))
    assert ask(make_kit()).attempts == 2


@pytest.mark.parametrize(
    "conduct",
    [
        Conduct(reset=True),
        Conduct(garbage=b"\x00\x01 no HTTP at all\r\n\r\n"),
        Conduct(cut_after=9),
    ],
    ids=["reset", "garbage", "cut"],
)
def test_a_broken_connection_has_its_error(
    server: LoopbackServer, make_kit: Make, ask: Any, conduct: Conduct
) -> None:
    server.add(Reply(text="lost", conduct=conduct))
    with pytest.raises(APIConnectionError):
        ask(make_kit(retry=ONCE))


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b'{"half": ', b"[]", b"null", b"7"])
def test_a_reply_that_is_none_has_its_error(
    server: LoopbackServer, make_kit: Make, ask: Any, body: bytes
) -> None:
    server.add(Reply(body=body))
    with pytest.raises(InvalidResponseError):
        ask(make_kit(retry=ONCE))


def test_a_name_that_does_not_resolve(make_kit: Make, ask: Any) -> None:
    kit = make_kit(base_url="http://no-such-host.invalid/v1", retry=ONCE)
    with pytest.raises(
        APIConnectionError, match=r"connection to http://no-such-host.invalid failed"
    ):
        ask(kit)


def test_slow_bytes_end_at_the_deadline(server: LoopbackServer, make_kit: Make, ask: Any) -> None:
    server.add(Reply(text="slow", conduct=Conduct(pause=0.05)))
    with pytest.raises(RactoGatewayTimeoutError):
        ask(make_kit(timeout=0.4, retry=ONCE))


async def test_a_cancelled_call_leaves_no_connection_behind(
    server: LoopbackServer, make_kit: Make
) -> None:
    kit = make_kit()
    server.add(Reply(text="late", conduct=Conduct(delay=30.0)))
    task = asyncio.ensure_future(kit.achat(HI))
    assert await server.await_until(lambda: len(server.requests) == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await server.await_until(lambda: server.open_connections == 0)
    assert (await kit.achat(HI)).content == "ok"
    await kit.aclose()
