"""The local memories keep the contract of chat memories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.cache import ChatMemoryConfig, InMemoryChatMemory, SQLiteChatMemory
from racto.core.testing.contracts.memories import ChatMemoryContract


class TestInMemoryChatMemory(ChatMemoryContract):
    appended = 40

    @pytest.fixture
    def memory(self) -> InMemoryChatMemory:
        return InMemoryChatMemory()


class TestShortMemory(ChatMemoryContract):
    appended = 24

    @pytest.fixture
    def memory(self) -> InMemoryChatMemory:
        return InMemoryChatMemory(ChatMemoryConfig(max_turns=4))


class TestSQLiteChatMemory(ChatMemoryContract):
    appended = 40

    @pytest.fixture
    def memory(self, tmp_path: Path) -> Iterator[SQLiteChatMemory]:
        with SQLiteChatMemory(tmp_path / "memory.db") as made:
            yield made
