"""Streams: one final chunk, nothing lost when they break, nothing open when they are left."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from racto.core import (
    ChatConfig,
    OverloadedError,
    RetryPolicy,
    StreamTruncatedError,
    ToolRegistry,
)
from racto.testing import Conduct, Failure, LoopbackServer, Reply, ToolCall

HI = ChatConfig(user_message="hi")
ONCE = RetryPolicy(attempts=1)
Make = Callable[..., Any]


def weather(city: str) -> str:
    """Tell the weather of a city."""
    return f"sunny-in-{city}"


def text_of(chunks: list[Any]) -> str:
    return "".join(chunk.delta.text for chunk in chunks if not chunk.is_final)


def test_a_stream_ends_with_one_final_chunk(server: LoopbackServer, kit: Any, read: Any) -> None:
    server.say(["The ", "sea ", "is wide."])
    chunks, error = read(kit)
    assert error is None
    assert [chunk.is_final for chunk in chunks] == [False] * (len(chunks) - 1) + [True]
    assert text_of(chunks) == chunks[-1].response.content == "The sea is wide."


@pytest.mark.parametrize("reset", [False, True], ids=["end", "reset"])
def test_a_cut_stream_is_an_error_that_keeps_what_came(
    server: LoopbackServer, make_kit: Make, read: Any, reset: bool
) -> None:
    whole, _ = read(make_kit(), HI)
    assert whole[-1].is_final
    cut, text = 0, ""
    # Where the words stand among a provider's events differs; one cut lies in their middle.
    for place in range(1, 12):
        conduct = Conduct(cut_after=place, reset=reset)
        server.add(Reply(text=["one ", "two ", "three ", "four "], conduct=conduct))
        chunks, error = read(make_kit(retry=ONCE))
        if error is None:
            break
        assert not any(chunk.is_final for chunk in chunks)
        if chunks:
            assert isinstance(error, StreamTruncatedError)
            assert error.partial is not None
            assert (error.partial.content or "") == text_of(chunks)
            cut, text = cut + 1, text_of(chunks)
    assert cut >= 2
    assert text.startswith("one two")


def test_a_stream_cut_in_a_tool_call_is_no_tool_call(
    server: LoopbackServer, make_kit: Make, read: Any
) -> None:
    call = ToolCall(name="weather", arguments={"city": "Kiel" * 40})
    config = ChatConfig(user_message="hi", tools=ToolRegistry([weather]), auto_execute_tools=True)
    kit, seen = make_kit(retry=ONCE), 0
    for place in range(1, 12):
        server.add(Reply(text=["So: "], tool_calls=[call], conduct=Conduct(cut_after=place)))
        before = len(server.requests)
        _, error = read(kit, config)
        if error is None:
            break
        seen += 1
        assert len(server.requests) == before + 1, "a half-made call was run"
    assert seen >= 2


def test_an_error_in_mid_stream_keeps_its_kind_and_what_came(
    server: LoopbackServer, make_kit: Make, read: Any
) -> None:
    server.add(Reply(text=["one ", "two "], failure_after=Failure(kind="overloaded")))
    chunks, error = read(make_kit())
    assert isinstance(error, OverloadedError)
    assert not error.retryable
    assert error.partial is not None
    assert error.partial.content == text_of(chunks) == "one two "
    assert len(server.requests) == 1


def test_a_stream_that_fails_before_its_first_words_is_opened_again(
    server: LoopbackServer, make_kit: Make, read: Any
) -> None:
    server.add(Failure(kind="overloaded"), Reply(text="", failure_after=Failure(kind="overloaded")))
    chunks, error = read(make_kit())
    assert error is None
    assert chunks[-1].response.attempts == 3


def test_leaving_a_stream_hangs_up(server: LoopbackServer, kit: Any) -> None:
    server.add(Reply(text=["word "] * 200, conduct=Conduct(pause=0.02)))
    stream = kit.stream(HI)
    next(stream)
    stream.close()
    assert server.wait_until(lambda: server.open_connections == 0)
    assert kit.chat(HI).content == "ok"


async def test_leaving_an_async_stream_hangs_up(server: LoopbackServer, make_kit: Make) -> None:
    kit = make_kit()
    server.add(Reply(text=["word "] * 200, conduct=Conduct(pause=0.02)))
    stream: AsyncIterator[Any] = kit.astream(HI)
    await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    assert await server.await_until(lambda: server.open_connections == 0)
    await kit.aclose()
