"""Calls are parts of a reply, and their fragments together are the calls."""

from __future__ import annotations

from itertools import count
from typing import Any

from google.genai import types
from hypothesis import given, strategies as st

from racto.testing import GeminiServer, Reply, ToolCall
from racto.testing.gemini.calls import argument_parts, rendered_calls


def test_a_call_that_is_no_json_ends_the_calls() -> None:
    ids = count(1)
    calls = [ToolCall(name="f"), ToolCall(name="g", arguments="{"), ToolCall(name="h")]
    found = rendered_calls(Reply(tool_calls=calls), new_id=lambda: str(next(ids)))
    assert [part["functionCall"]["name"] for part in found.parts] == ["f"]
    assert found.malformed == "Malformed function call: g({)"


def test_arguments_may_be_text() -> None:
    calls = [ToolCall(name="f", arguments='{"a": 1}'), ToolCall(name="g", arguments="")]
    found = rendered_calls(Reply(tool_calls=calls), new_id=lambda: "1")
    assert [part["functionCall"]["args"] for part in found.parts] == [{"a": 1}, {}]


def test_vertex_streams_arguments_on_request(gemini_server: GeminiServer, vertex: Any) -> None:
    gemini_server.say(tool_calls=[ToolCall(name="look", arguments={"city": "Bonn"})])
    calling = types.FunctionCallingConfig.model_validate(
        {"mode": "ANY", "stream_function_call_arguments": True}
    )
    look = types.FunctionDeclaration(name="look", description="Looks.")
    config = types.GenerateContentConfig(
        tools=[types.Tool(function_declarations=[look])],
        tool_config=types.ToolConfig(function_calling_config=calling),
    )
    stream = vertex.models.generate_content_stream(model="m", contents="x", config=config)
    calls = [call for chunk in stream for call in chunk.function_calls or ()]
    assert (calls[0].name, calls[0].will_continue) == ("look", True)
    pieces = [arg.string_value or "" for call in calls for arg in call.partial_args or ()]
    assert "".join(pieces) == "Bonn"
    assert len(pieces) == 2
    assert not calls[-1].will_continue


ARGUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=2)
        | st.dictionaries(st.sampled_from("abc"), inner, min_size=1, max_size=2)
    ),
)


@given(st.dictionaries(st.sampled_from("abc"), ARGUMENTS))
def test_fragments_of_arguments_are_the_arguments(arguments: dict[str, Any]) -> None:
    part = {"functionCall": {"id": "1", "name": "f", "args": arguments}}
    calls = [each["functionCall"] for each in argument_parts(part)]
    assert calls[0] == {"id": "1", "name": "f", "willContinue": True}
    assert calls[-1] == {}
    leaves: dict[str, Any] = {}
    for call in calls[1:-1]:
        (fragment,) = call["partialArgs"]
        path = fragment["jsonPath"]
        if "stringValue" in fragment:
            leaves[path] = leaves.get(path, "") + fragment["stringValue"]
        elif "nullValue" in fragment:
            leaves[path] = None
        else:
            leaves[path] = fragment.get("numberValue", fragment.get("boolValue"))
    assert leaves == flat("$", arguments)


def flat(path: str, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        items = [(f"{path}.{key}", inner) for key, inner in value.items()]
    elif isinstance(value, list):
        items = [(f"{path}[{number}]", inner) for number, inner in enumerate(value)]
    else:
        return {path: value}
    return {at: leaf for place, inner in items for at, leaf in flat(place, inner).items()}
