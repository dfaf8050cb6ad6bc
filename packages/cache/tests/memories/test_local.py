"""The memory in this process: bounded conversations, and time to live."""

from __future__ import annotations

import pytest

from racto.cache import ChatMemoryConfig, InMemoryChatMemory


def test_the_conversation_added_to_longest_ago_goes() -> None:
    memory = InMemoryChatMemory(max_conversations=2)
    for name in ("a", "b", "a", "c"):
        memory.append(name, "user", "x")
    assert [memory.count(name) for name in "abc"] == [2, 0, 1]
    with pytest.raises(ValueError, match="max_conversations must be at least 1, not 0"):
        InMemoryChatMemory(max_conversations=0)


def test_time_to_live_begins_anew_with_each_message() -> None:
    now = [0.0]
    memory = InMemoryChatMemory(ChatMemoryConfig(ttl_seconds=0.5), clock=lambda: now[0])
    memory.append("c", "user", "1")
    now[0] = 0.4
    memory.append("c", "user", "2")
    now[0] = 0.8
    assert memory.count("c") == 2
    now[0] = 0.9
    assert memory.messages("c") == []
    memory.append("c", "user", "3")
    assert memory.count("c") == 1


def test_conversations_that_are_over_leave_nothing() -> None:
    now = [0.0]
    memory = InMemoryChatMemory(ChatMemoryConfig(ttl_seconds=10), clock=lambda: now[0])
    for number in range(1_000):
        now[0] += 1.0
        memory.append(str(number), "user", "x")
    assert len(memory._shelf._held) <= 12  # type: ignore[attr-defined]
