"""Whatever a file holds, it is read or refused with an error of ours; nothing else escapes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from racto.core.errors import ConfigurationError
from racto.finetune.formats import FORMATS, detect_format

WORDS = [
    "messages",
    "role",
    "content",
    "tools",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "id",
    "type",
    "text",
    "image_url",
    "url",
    "input_audio",
    "file",
    "tool_call_id",
    "refusal",
    "weight",
    "input",
    "preferred_output",
    "non_preferred_output",
    "system",
    "source",
    "input_schema",
    "tool_use_id",
    "contents",
    "parts",
    "systemInstruction",
    "functionCall",
    "functionResponse",
    "args",
    "response",
    "inlineData",
    "fileData",
    "mimeType",
    "data",
    "fileUri",
    "functionDeclarations",
    "parameters",
    "completions",
    "score",
    "completion",
    "prompt",
    "chosen",
    "rejected",
    "images",
    "conversations",
    "from",
    "value",
    "question",
    "answer",
]
VALUES = [None, 0, 1, True, "", "user", "assistant", "tool", "text", "image", "human", "gpt"]
VALUES += [
    "function_call",
    "tool_use",
    "tool_result",
    "observation",
    "<image>",
    "{}",
    "[1]",
    "data:",
]
things: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(WORDS), inner, min_size=1, max_size=4)
    ),
    max_leaves=12,
)
records = st.dictionaries(st.sampled_from(WORDS), things, min_size=1, max_size=4)


@st.composite
def shaped(draw: st.DrawFn) -> dict[str, Any]:
    """Records that look right from afar, so that the inner rooms are reached."""
    turns = draw(st.lists(st.dictionaries(st.sampled_from(WORDS), things, max_size=3), max_size=3))
    for turn in turns:
        turn.setdefault("role", draw(st.sampled_from(["user", "assistant", "tool", "model"])))
        turn.setdefault("from", draw(st.sampled_from(["human", "function_call", "observation"])))
        turn.setdefault("parts", [draw(things)])
        turn.setdefault("value", draw(st.sampled_from(["{}", "[]", '{"name": "f"}', "x"])))
    keys = ["messages", "contents", "conversations", "preferred_output", "chosen", "prompt"]
    return {**draw(records), draw(st.sampled_from(keys)): turns}


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=20, deadline=None)
@given(record=records | shaped())
def test_a_record_is_read_or_refused(name: str, record: dict[str, Any]) -> None:
    try:
        example = FORMATS[name].decode(record)
        FORMATS[name].encode(example)
    except ConfigurationError as error:
        told = str(error)
    else:
        told = "read"
    assert told


@settings(max_examples=20, deadline=None)
@given(records | shaped())
def test_a_format_is_found_or_refused(record: dict[str, Any]) -> None:
    try:
        detect_format(record)
    except ConfigurationError as error:
        told = str(error)
    else:
        told = "read"
    assert told


def test_tools_of_a_stranger_do_not_stop_the_guess() -> None:
    turns = [{"role": "user", "content": "q"}, {"role": "assistant", "content": "a"}]
    assert detect_format({"messages": turns, "tools": [5]}).name == "openai"


def test_bytes_of_an_image_that_are_no_base64_stay_as_they_are() -> None:
    block = {"type": "image", "image": {"bytes": "abc", "path": "a.png"}}
    record = {"messages": [{"role": "user", "content": [block, {"type": "text", "text": "q"}]}]}
    made = FORMATS["trl"].decode(record)
    assert FORMATS["trl"].encode(made) == record
