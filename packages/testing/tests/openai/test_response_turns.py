"""The items of a conversation: what may come back, and with what."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from racto.testing import OpenAIServer, ToolCall

PATH = "/responses"
USER = {"role": "user", "content": "hi"}
CALL = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT = {"type": "function_call_output", "call_id": "call_1", "output": "1"}


def ask(*items: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "m", "input": list(items), **fields}


def user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


@pytest.mark.parametrize(
    ("items", "param", "words"),
    [
        (
            [USER, OUTPUT],
            "input",
            "No tool call found for function call output with call_id call_1",
        ),
        ([USER, CALL], "input", "No tool output found for function call call_1"),
        (
            [USER, {**CALL, "id": "call_1"}, OUTPUT],
            "input[1].id",
            "Expected an ID that begins with 'fc'",
        ),
        (
            [{"role": "assistant", "content": "x", "id": "1"}],
            "input[0].id",
            "Expected an ID that begins with 'msg'",
        ),
        (
            [{"role": "assistant", "content": [{"type": "input_text", "text": "x"}]}],
            "input[0].content[0].type",
            "Supported values are: 'output_text' and 'refusal'",
        ),
        (
            [user({"type": "output_text", "text": "x"})],
            "input[0].content[0].type",
            "Supported values are: 'input_text', 'input_image', and 'input_file'",
        ),
        ([user({"type": "input_image"})], "input[0].content[0].image_url", "Missing required"),
        (
            [user({"type": "input_image", "image_url": "x.png"})],
            "input[0].content[0].image_url",
            "Expected a valid URL",
        ),
        ([user({"type": "input_file"})], "input[0].content[0].file_id", "Missing required"),
        (
            [user({"type": "input_file", "file_data": "AAAA"})],
            "input[0].content[0].file_data",
            "Expected a base64-encoded data URL",
        ),
        ([{**OUTPUT, "mood": "good"}], "input[0].mood", "Unknown parameter"),
        ([{"type": "dance"}], "input[0].type", "Invalid value: 'dance'"),
        ([{"type": "compaction"}], "input[0].encrypted_content", "Missing required"),
        ([{"type": "program", "mood": 1}], "input[0].id", "Missing required"),
        ([{}], "input[0].type", "Missing required parameter"),
    ],
)
def test_a_fault_is_named_with_its_place(refuse: Any, items: Any, param: str, words: str) -> None:
    error = refuse(PATH, ask(*items))
    assert error["param"] == param
    assert words in error["message"]


@pytest.mark.parametrize(
    "items",
    [
        [USER, CALL, OUTPUT],
        [USER, CALL, {**OUTPUT, "output": [{"type": "input_text", "text": "1"}]}],
        [{"type": "message", **USER}, {"role": "assistant", "content": "x", "phase": "commentary"}],
        [{"type": "configuration_update", "reasoning": {"effort": "low"}}, USER],
    ],
)
def test_what_fits_together_is_taken(client: openai.OpenAI, items: Any) -> None:
    client.post(PATH, body=ask(*items), cast_to=object)


def test_an_unanswered_call_of_a_stored_response_is_refused(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.say(tool_calls=[ToolCall(name="f", id="call_7")])
    first = client.responses.create(model="m", input="hi")
    with pytest.raises(
        openai.BadRequestError, match="No tool output found for function call call_7"
    ):
        client.responses.create(model="m", input="well?", previous_response_id=first.id)


def test_reasoning_that_is_neither_stored_nor_sealed_is_not_found(refuse: Any) -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": []}
    error = refuse(PATH, ask(thought, {"role": "assistant", "content": "x"}), status=404)
    assert "Item with id 'rs_1' not found. Items are not persisted" in error["message"]


def test_reasoning_sealed_elsewhere_is_refused(refuse: Any) -> None:
    thought = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAforged"}
    error = refuse(PATH, ask(thought, {"role": "assistant", "content": "x"}))
    assert error["code"] == "invalid_encrypted_content"


def test_reasoning_comes_back_with_what_followed_it(
    openai_server: OpenAIServer, client: openai.OpenAI, refuse: Any
) -> None:
    openai_server.say("x", thinking="hm")
    response = client.responses.create(model="m", input="hi")
    thought, message = (item.model_dump(exclude_none=True) for item in response.output)
    assert "'reasoning' item" in refuse(PATH, ask(message, USER))["message"]
    for items in ([thought], [thought, USER]):
        assert "without its required following item" in refuse(PATH, ask(*items))["message"]
    client.post(PATH, body=ask(thought, message, USER), cast_to=object)
    # Without its id a message is anybody's.
    client.post(PATH, body=ask({**message, "id": "msg_else"}, USER), cast_to=object)


def test_stored_items_can_be_referred_to(
    openai_server: OpenAIServer, client: openai.OpenAI, refuse: Any
) -> None:
    openai_server.say(tool_calls=[ToolCall(name="f", id="call_1")])
    (call,) = client.responses.create(model="m", input="hi").output
    assert call.type == "function_call"
    reference = {"type": "item_reference", "id": call.id}
    client.post(PATH, body=ask(USER, reference, OUTPUT), cast_to=object)
    client.post(PATH, body=ask(USER, {"id": call.id}, OUTPUT), cast_to=object)
    error = refuse(PATH, ask({"type": "item_reference", "id": "msg_none"}), status=404)
    assert "msg_none" in error["message"]
