"""What every memory does: whole rounds at once, reads bounded by tokens, nothing left out."""

from __future__ import annotations

import asyncio

import pytest

from racto.cache import ChatMemoryConfig, InMemoryChatMemory
from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.errors import InvalidResponseError
from racto.core.messages import Message
from racto.core.telemetry import RecordingMetrics


def test_a_read_is_bounded_by_tokens_and_keeps_the_rest() -> None:
    memory = InMemoryChatMemory(ChatMemoryConfig(max_tokens=30), counter=lambda _: 10)
    for number in range(6):
        memory.append("c", "user", str(number))
    assert [turn.text for turn in memory.messages("c")] == ["3", "4", "5"]
    assert [turn["content"] for turn in memory.get_history("c", max_tokens=15)] == ["5"]
    assert len(memory.messages("c", max_tokens=1_000)) == memory.count("c") == 6
    assert len(asyncio.run(memory.aget_history("c", max_tokens=20))) == 2
    with pytest.raises(ValueError, match="max_tokens must be at least 1, not 0"):
        memory.messages("c", max_tokens=0)


def test_tokens_are_estimated_by_default() -> None:
    memory = InMemoryChatMemory()
    memory.append("c", "user", "x" * 400)
    memory.append("c", "user", "y" * 40)
    assert [turn.text[:1] for turn in memory.messages("c", max_tokens=100)] == ["y"]


def test_parallel_answers_go_with_their_call() -> None:
    memory = InMemoryChatMemory(ChatMemoryConfig(max_turns=1))
    calls = [ToolCallResult(id=id, name="see") for id in "abc"]
    memory.extend("c", [Message.assistant("Hm.", tool_calls=calls)])
    for id in "abc":
        memory.extend("c", [Message.tool([ToolResultPart(tool_call_id=id)])])
        kept = memory.messages("c")
        assert not any(turn.role == "tool" for turn in kept[:1])


def test_what_is_dropped_is_counted() -> None:
    metrics = RecordingMetrics()
    memory = InMemoryChatMemory(ChatMemoryConfig(max_turns=1), metrics=metrics)
    for number in range(5):
        memory.append("c", "user", str(number))
    assert metrics.total("racto.memory.dropped", memory="memory") == 3


def test_unknown_roles_are_refused() -> None:
    memory = InMemoryChatMemory()
    with pytest.raises(ValueError, match="nobody"):
        memory.append("c", "nobody", "x")
    with pytest.raises(ValueError, match="nobody"):
        asyncio.run(memory.aappend("c", "nobody", "x"))
    assert memory.count("c") == 0


def test_a_damaged_record_is_never_left_out_in_silence() -> None:
    memory = InMemoryChatMemory()
    memory.append("c", "user", "x")
    memory._shelf.add("c", [b"garbage"], 20)
    for call in (memory.messages, memory.get_history):
        with pytest.raises(InvalidResponseError, match="record 1"):
            call("c")
    memory.append("c", "user", "y")
    memory.clear("c")
    assert memory.messages("c") == []


def test_what_a_caller_changes_is_not_what_is_kept() -> None:
    memory = InMemoryChatMemory()
    arguments = {"city": ["Köln"]}
    call = ToolCallResult(id="a", name="see", arguments=arguments)
    memory.extend("c", [Message.assistant(tool_calls=[call])])
    arguments["city"].append("Bonn")
    memory.messages("c")[0].tool_calls[0].arguments["city"].append("Ulm")
    assert memory.messages("c")[0].tool_calls[0].arguments == {"city": ["Köln"]}
