"""Definitions are found where Python sees them, and cost linear time on any text."""

from __future__ import annotations

from time import perf_counter

import pytest

from racto.rag.readers.definitions import find_definitions

SOURCE = '''"""def quoted(): pass"""
import x  # def commented(): pass

@decorated
class Hive(Base):
    """Says: class Other:
    def example(): pass
    """

    async def fly(self):
        def inner():
            return "def no(): pass"

    name = 'class of its own'

def land[T](x: T):
    pass
'''


def test_definitions_are_sections_by_depth():
    found = find_definitions(SOURCE)
    assert [(each.title, each.level) for each in found] == [
        ("Hive", 1),
        ("fly", 2),
        ("inner", 3),
        ("land", 1),
    ]
    starts = [SOURCE[each.start :][:9] for each in found]
    assert starts == ["class Hiv", "async def", "def inner", "def land["]


@pytest.mark.parametrize("piece", ['"""', "'", "\\\\", '"\\\\\\n', " \\t", "def ", "class a:\\n "])
def test_time_is_linear(piece: str):
    text = piece * 200_000
    started = perf_counter()
    find_definitions(text)
    find_definitions("'" + text)
    assert perf_counter() - started < 5
