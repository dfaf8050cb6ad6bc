"""Tool calls keep the characters in which they were written, and those of racto's own stay plain."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from racto.core.content import ToolCallPart
from racto.core.errors import ConfigurationError
from racto.finetune.written_calls import WrittenCall, call_of_text, text_of_call


@given(
    st.text() | st.sampled_from(['{"a": 1}', '{"a":1.0}', "{}", " {} ", "[1]", '{"a":"\\ud800"}'])
)
def test_the_text_comes_back(text: str) -> None:
    assert text_of_call(call_of_text(text, name="f")) == text


@pytest.mark.parametrize(
    ("text", "kind"),
    [('{"a":1}', ToolCallPart), ('{"a": 1}', WrittenCall), ("", WrittenCall), ("{", ToolCallPart)],
    ids=["own", "spaces", "nothing", "malformed"],
)
def test_only_what_was_written_otherwise_remembers(text: str, kind: type) -> None:
    call = call_of_text(text, name="f", id="c")
    assert type(call) is kind
    assert (call.name, call.id, call.is_malformed) == ("f", "c", text == "{")


@pytest.mark.parametrize("value", [float("nan"), object()], ids=["nan", "object"])
def test_arguments_that_are_no_json_are_named(value: object) -> None:
    with pytest.raises(ConfigurationError, match="call of 'f' are no JSON"):
        text_of_call(ToolCallPart(name="f", arguments={"a": value}))
