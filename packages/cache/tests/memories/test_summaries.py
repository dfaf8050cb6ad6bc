"""Summaries: made of what is about to go, and nothing goes while none can be made."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from racto.cache import ChatMemoryConfig, InMemoryChatMemory, RedisChatMemory, SQLiteChatMemory
from racto.cache.redis import RedisOptions
from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.messages import Message
from racto.core.telemetry import RecordingMetrics

# The laws are about answers, not about how busy the machine is.
PATIENT = RedisOptions(timeout=30.0, connect_timeout=30.0, pool_timeout=30.0)

SHORT = ChatMemoryConfig(max_turns=2)

Make = Callable[..., Any]


@pytest.fixture(params=["memory", "sqlite", "redis"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    made: list[Any] = []

    def build(**options: Any) -> Any:
        if request.param == "memory":
            return InMemoryChatMemory(SHORT, **options)
        if request.param == "sqlite":
            memory: Any = SQLiteChatMemory(tmp_path / "memory.db", SHORT, **options)
        else:
            url, prefix = request.getfixturevalue("redis_url"), request.getfixturevalue("prefix")
            config = SHORT.model_copy(update={"key_prefix": prefix})
            memory = RedisChatMemory(url=url, config=config, options=PATIENT, **options)
        made.append(memory)
        return memory

    yield build
    for memory in made:
        memory.close()


def brief(messages: Sequence[Message]) -> str:
    """A summary that shows what it was made of."""
    return "+".join(message.text for message in messages)


def texts(memory: Any) -> list[str]:
    """What is in the conversation."""
    return [turn["content"] for turn in memory.get_history("c")]


def test_the_older_half_becomes_a_summary_at_the_head(make: Make) -> None:
    metrics = RecordingMetrics()
    memory = make(summarize=brief, metrics=metrics)
    for number in range(4):
        memory.append("c", "user", str(number))
    assert texts(memory) == ["0", "1", "2", "3"]
    memory.append("c", "user", "4")
    assert texts(memory) == ["0+1+2", "3", "4"]
    assert memory.messages("c")[0].role == "system"
    # The next one is made of the first and what came after it.
    for number in range(5, 8):
        memory.append("c", "user", str(number))
    assert texts(memory) == ["0+1+2+3+4+5", "6", "7"]
    assert memory.count("c") == 3
    assert metrics.total("racto.memory.summaries") == 2
    assert metrics.total("racto.memory.dropped") == 0


def test_hooks_may_be_async_in_both_voices(make: Make) -> None:
    async def later(messages: Sequence[Message]) -> str:
        await asyncio.sleep(0)
        return brief(messages)

    memory = make(summarize=later)
    memory.extend("c", [Message.user(str(number)) for number in range(5)])
    assert texts(memory) == ["0+1+2", "3", "4"]

    # One that does not look async, and returns something to wait for.
    memory = make(summarize=lambda messages: later(messages))

    async def in_the_other_voice() -> list[str]:
        await memory.aextend("d", [Message.user(str(number)) for number in range(5)])
        found = [turn.text for turn in await memory.amessages("d")]
        if aclose := getattr(memory, "aclose", None):
            await aclose()
        return found

    assert asyncio.run(in_the_other_voice()) == ["0+1+2", "3", "4"]


def test_plain_hooks_work_in_the_async_voice(make: Make) -> None:
    memory = make(summarize=brief)

    async def fill() -> list[Any]:
        for number in range(5):
            await memory.aappend("c", "user", str(number))
        found = [turn["content"] for turn in await memory.aget_history("c")]
        if aclose := getattr(memory, "aclose", None):
            await aclose()
        return found

    assert asyncio.run(fill()) == ["0+1+2", "3", "4"]


def test_nothing_goes_while_the_hook_fails(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    metrics = RecordingMetrics()
    fails = [True]

    def moody(messages: Sequence[Message]) -> str:
        if fails[0]:
            raise RuntimeError("the secret is sk-123456789")
        return brief(messages)

    memory = make(summarize=moody, metrics=metrics)
    with caplog.at_level(logging.WARNING, logger="racto.cache"):
        for number in range(7):
            memory.append("c", "user", str(number))
    assert texts(memory) == [str(number) for number in range(7)]
    assert metrics.total("racto.memory.summary_errors") == 3
    assert "RuntimeError" in caplog.text
    assert "sk-1" not in caplog.text
    fails[0] = False
    memory.append("c", "user", "7")
    assert texts(memory) == ["0+1+2+3+4+5", "6", "7"]


def test_there_is_an_end_to_patience(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    metrics = RecordingMetrics()
    memory = make(summarize=lambda _: "", metrics=metrics)
    with caplog.at_level(logging.WARNING, logger="racto.cache"):
        memory.extend("c", [Message.user(str(number)) for number in range(20)])
    # Four times the limit, and told.
    assert texts(memory) == [str(number) for number in range(4, 20)]
    assert metrics.total("racto.memory.dropped") == 4
    assert "4 messages went without a summary" in caplog.text


def test_results_that_lose_their_call_are_told_to_the_hook(make: Make) -> None:
    seen: list[Message] = []

    def hook(messages: Sequence[Message]) -> str:
        seen.extend(messages)
        return "summary"

    turns = [
        Message.user("0"),
        Message.user("1"),
        Message.assistant(tool_calls=[ToolCallResult(id="a", name="see")]),
        Message.tool([ToolResultPart(tool_call_id="a", content="rain")]),
        Message.assistant("It rains."),
    ]
    memory = make(summarize=hook)
    memory.extend("c", turns)
    assert seen == turns[:4]
    assert [turn.text for turn in memory.messages("c")] == ["summary", "It rains."]


def test_a_summary_of_what_has_changed_meanwhile_is_not_used(make: Make) -> None:
    other: list[Any] = []

    def slow(messages: Sequence[Message]) -> str:
        if not other:
            other.append(True)
            # Somebody else begins the conversation anew while the model thinks.
            memory.clear("c")
            memory.append("c", "user", "new")
        return brief(messages)

    memory = make(summarize=slow)
    memory.extend("c", [Message.user(str(number)) for number in range(5)])
    assert texts(memory) == ["new"]
