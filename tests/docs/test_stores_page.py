"""The table of vector stores in the documentation is what the stores can do today."""

from __future__ import annotations

import pytest

import store_powers
from racto.core.protocols.stores import ChunkScan
from racto.core.testing import DictStore


def test_the_page_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    assert store_powers.main(["--check"]) == 0, capsys.readouterr().out


def test_marks_follow_the_code() -> None:
    class Plain:
        """A store without any power."""

    table = store_powers.table({"full": DictStore, "plain": Plain})
    full, plain = table.splitlines()[2:]
    assert issubclass(DictStore, ChunkScan)
    assert full.startswith("| [`DictStore`](packages/racto-stores-full.md) | `full` | ")
    assert plain.count("✓") == 0


def test_a_page_without_marks_is_left_alone() -> None:
    with pytest.raises(SystemExit, match="needs the lines"):
        store_powers.written("# no marks", {})
