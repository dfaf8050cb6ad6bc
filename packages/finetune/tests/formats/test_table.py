"""The table of formats: names, aliases, and telling a format from a record."""

from __future__ import annotations

from typing import Any

import pytest

from racto.core.errors import ConfigurationError
from racto.finetune.formats import FORMATS, detect_format, find_format
from racto.finetune.formats.table import ALIASES


def test_names_and_aliases() -> None:
    assert all(find_format(name).name == name for name in FORMATS)
    assert {find_format(alias).name for alias in ALIASES} <= FORMATS.keys()
    assert not ALIASES.keys() & FORMATS.keys()
    with pytest.raises(ConfigurationError, match="Known are: openai, "):
        find_format("")


USER, BOT = {"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}
CALL: dict[str, Any] = {"function": {"name": "f", "arguments": {}}}


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"messages": [USER, BOT]}, "openai"),
        ({"messages": []}, "openai"),
        ({"messages": [USER], "answer": 1}, "openai-reinforcement"),
        ({"input": {}, "preferred_output": []}, "openai-preference"),
        ({"system": "s", "messages": []}, "anthropic"),
        ({"messages": [], "tools": [{"name": "f", "input_schema": {}}]}, "anthropic"),
        ({"messages": [{"role": "user", "content": [{"type": "image", "source": {}}]}]}, "anthropic"),
        ({"contents": []}, "gemini"),
        ({"text_input": "", "output": ""}, "gemini"),
        ({"contents": [], "completions": []}, "gemini-preference"),
        ({"messages": [], "tools": "[]"}, "trl"),
        ({"messages": [{"role": "assistant", "tool_calls": [CALL]}]}, "trl"),
        ({"messages": [{"role": "user", "content": [{"type": "image"}]}]}, "trl"),
        ({"prompt": [], "chosen": [], "rejected": []}, "trl-preference"),
        ({"conversations": []}, "sharegpt"),
        ({"question": "", "answer": ""}, "columns"),
    ],
    ids=range(16),
)  # fmt: skip
def test_a_format_is_told_from_a_record(record: dict[str, Any], name: str) -> None:
    assert detect_format(record).name == name
