"""At most four breakpoints of the cache, the long-lived ones first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

MARK, LONG = {"type": "ephemeral"}, {"type": "ephemeral", "ttl": "1h"}


def text(mark: Any) -> dict[str, Any]:
    return {"type": "text", "text": "hi", "cache_control": mark}


def said(*marks: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [text(mark) for mark in marks]}]


def tool(mark: Any) -> dict[str, Any]:
    return {"name": "look", "input_schema": {"type": "object"}, "cache_control": mark}


def test_four_marks_are_taken_wherever_they_stand(taken: Callable[..., None]) -> None:
    taken(tools=[tool(LONG)], system=[text(LONG)], messages=said(MARK, None, MARK))


def test_a_fifth_is_refused(refused: Callable[..., str]) -> None:
    words = "A maximum of 4 blocks with cache_control may be provided. Found 5."
    assert refused(messages=said(*[MARK] * 5)) == words
    marks = {"tools": [tool(MARK)], "system": [text(MARK)], "messages": said(MARK, MARK)}
    assert refused(**marks, cache_control=MARK) == words


def test_marks_within_results_of_tools_count(refused: Callable[..., str]) -> None:
    call = {"type": "tool_use", "id": "t1", "name": "look", "input": {}}
    inner = [text(MARK) for _ in range(5)]
    result = {"type": "tool_result", "tool_use_id": "t1", "content": inner}
    rounds = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]
    assert "Found 5" in refused(messages=rounds)


def test_a_long_life_after_a_short_one_is_refused(refused: Callable[..., str]) -> None:
    words = refused(system=[text(MARK)], messages=said(LONG))
    assert words.startswith("messages.0.content.0.cache_control.ttl: a ttl='1h'")


def test_another_life_is_refused(refused: Callable[..., str]) -> None:
    words = refused(messages=said({"type": "ephemeral", "ttl": "2h"}))
    assert words.startswith("messages.0.content.0.text.cache_control.ttl: Input should be '5m'")
