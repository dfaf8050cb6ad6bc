"""A signature that went out with a call must come back with it."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from google import genai
from google.genai import errors, types

from racto.testing import GeminiServer, ToolCall
from racto.testing.gemini.signatures import Signatures

LOOK = {"name": "look", "args": {"a": 1}}
MISSING = "Function call is missing a thought_signature in functionCall parts."


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def turns(*, back: str | None, call: dict[str, Any] = LOOK) -> list[dict[str, Any]]:
    part: dict[str, Any] = {"functionCall": call}
    if back is not None:
        part["thoughtSignature"] = back
    answer = {"functionResponse": {"name": "look", "response": {}}}
    return [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [part]},
        {"role": "user", "parts": [answer]},
    ]


@pytest.fixture
def given() -> Signatures:
    """Signatures, of which one went out."""
    made = Signatures()
    made.give(LOOK, encoded("sig"))
    return made


def test_a_signature_that_comes_back_is_right(given: Signatures) -> None:
    assert given.fault(turns(back=encoded("sig"))) is None


def test_a_signature_that_does_not_is_missed_with_its_place(given: Signatures) -> None:
    told = given.fault(turns(back=None))
    assert told is not None
    assert told.startswith(MISSING)
    assert "function call `default_api:look` , position 2." in told


def test_another_signature_is_corrupted(given: Signatures) -> None:
    assert given.fault(turns(back=encoded("gis"))) == "Corrupted thought signature."


def test_a_call_of_another_model_may_have_a_dummy(given: Signatures) -> None:
    dummy = encoded("skip_thought_signature_validator")
    assert given.fault(turns(back=dummy)) is None


def test_a_call_that_had_none_needs_none(given: Signatures) -> None:
    assert given.fault(turns(back=None, call={"name": "look", "args": {"a": 2}})) is None


def test_calls_before_the_latest_words_are_not_looked_at(given: Signatures) -> None:
    later = [
        {"role": "model", "parts": [{"text": "x"}]},
        {"role": "user", "parts": [{"text": "y"}]},
    ]
    assert given.fault([*turns(back=None), *later]) is None


def test_ids_tell_calls_apart() -> None:
    given = Signatures()
    given.give({**LOOK, "id": "1"}, encoded("one"))
    given.give({**LOOK, "id": "2"}, encoded("two"))
    assert given.fault(turns(back=encoded("two"), call={**LOOK, "id": "2"})) is None
    told = given.fault(turns(back=encoded("two"), call={**LOOK, "id": "1"}))
    assert told == "Corrupted thought signature."


def test_the_oldest_of_very_many_are_forgotten() -> None:
    given = Signatures()
    for number in range(10_001):
        given.give({"id": str(number)}, encoded("sig"))
    assert given.fault(turns(back=None, call={"id": "0", "name": "look"})) is None
    assert given.fault(turns(back=None, call={"id": "1", "name": "look"})) is not None


def test_the_official_client_gives_it_back(
    gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.say(tool_calls=[ToolCall(name="look", arguments={"a": 1}, signature="sig")])
    said = client.models.generate_content(model="m", contents="hi")
    content = said.candidates[0].content if said.candidates else None
    assert content is not None
    assert content.parts is not None
    assert content.parts[0].thought_signature == b"sig"
    answer = types.Part.from_function_response(name="look", response={"it": "rains"})
    history = [types.UserContent("hi"), content, types.UserContent(answer)]
    assert client.models.generate_content(model="m", contents=history).text == "ok"
    content.parts[0].thought_signature = None
    with pytest.raises(errors.ClientError, match=MISSING):
        client.models.generate_content(model="m", contents=history)


def test_a_streamed_call_keeps_its_signature_too(
    gemini_server: GeminiServer, client: genai.Client, refuse: Any
) -> None:
    gemini_server.say(tool_calls=[ToolCall(name="look", id="7", signature="sig")])
    chunks = list(client.models.generate_content_stream(model="m", contents="hi"))
    assert chunks[0].function_calls is not None
    contents = turns(back=None, call={"id": "7", "name": "look"})
    assert refuse(contents=contents).startswith(MISSING)
