"""A conversation that the API would refuse is refused in its words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from racto.testing.gemini.turns import turn_fault

Refuse = Callable[..., str]

BEFORE = "Please ensure that function call turn comes immediately after a user turn or after a function response turn."
AFTER = "Please ensure that function response turn comes immediately after a function call turn."
COUNT = "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn."
LAST = "Please ensure that multiturn requests end with a user role or a function response."
ALONE = "Please ensure that single turn requests end with a user role or the role field is empty."
NAMES = "Please ensure that each function response part has the name of a function call part."
IDS = "Please ensure that each function response part has the id of a function call part."


def user(text: str = "hi") -> dict[str, Any]:
    return {"role": "user", "parts": [{"text": text}]}


def model(text: str = "hello") -> dict[str, Any]:
    return {"role": "model", "parts": [{"text": text}]}


def calls(*names: str, **more: Any) -> dict[str, Any]:
    return {"role": "model", "parts": [{"functionCall": {"name": name, **more}} for name in names]}


def answers(*names: str, **more: Any) -> dict[str, Any]:
    parts = [{"functionResponse": {"name": name, "response": {}, **more}} for name in names]
    return {"role": "user", "parts": parts}


@pytest.mark.parametrize(
    ("turns", "fault"),
    [
        ([user()], None),
        ([{"parts": [{"text": "hi"}]}], None),
        ([user(), model(), user()], None),
        # The chunks of a stream, as they came.
        ([user(), model("a"), model("b"), user(), user()], None),
        ([user(), calls("f"), answers("f")], None),
        ([user(), calls("f"), calls("g"), answers("g"), answers("f")], None),
        ([user(), model(), calls("f"), answers("f"), calls("f"), answers("f")], None),
        ([user(), calls("f", id="1"), answers("f", id="1")], None),
        ([user(), calls("f", id="1"), answers("f")], None),
        ([{"role": "system", "parts": [{"text": "x"}]}], "Please use a valid role: user, model."),
        ([model()], ALONE),
        ([user(), model()], LAST),
        ([user(), calls("f")], LAST),
        ([calls("f"), answers("f")], BEFORE),
        ([user(), {**calls("f"), "role": "user"}, user()], BEFORE),
        ([answers("f")], AFTER),
        ([user(), model(), answers("f")], AFTER),
        ([user(), calls("f"), user()], COUNT),
        ([user(), calls("f", "g"), answers("f")], COUNT),
        ([user(), calls("f"), answers("f", "f")], COUNT),
        ([user(), calls("f"), answers("g")], NAMES),
        ([user(), calls("f", id="1"), answers("f", id="2")], IDS),
    ],
)
def test_turns_are_judged(turns: list[dict[str, Any]], fault: str | None) -> None:
    assert turn_fault(turns) == fault


def test_a_wrong_conversation_is_refused(refuse: Refuse) -> None:
    assert refuse(contents=[user(), calls("f"), user()]) == COUNT


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ({}, ".data: required oneof field 'data' must have one initialized field"),
        ({"thought": True}, ".data: required oneof field 'data' must have one initialized field"),
        ({"functionCall": {"args": {}}}, ".function_call.name: Name cannot be empty."),
        ({"functionResponse": {"name": ""}}, ".function_response.name: Name cannot be empty."),
        ({"inlineData": {"data": "YQ=="}}, ".inline_data.mime_type: must not be empty"),
        ({"inlineData": {"mimeType": "image/png"}}, ".inline_data.data: must not be empty"),
        ({"fileData": {"mimeType": "image/png"}}, ".file_data.file_uri: must not be empty"),
    ],
)
def test_a_part_has_what_it_is_about(part: dict[str, Any], told: str, refuse: Refuse) -> None:
    said = refuse(contents=[{"parts": [{"text": "hi"}, part]}])
    assert said == f"* GenerateContentRequest.contents[0].parts[1]{told}\n"


def test_a_turn_has_parts(refuse: Refuse) -> None:
    told = "* GenerateContentRequest.contents[1].parts: contents.parts must not be empty.\n"
    assert refuse(contents=[user(), {"role": "user", "parts": []}]) == told
    told = "* GenerateContentRequest.system_instruction.parts: contents.parts must not be empty.\n"
    assert refuse(systemInstruction={"parts": []}) == told


def test_there_are_turns(refuse: Refuse) -> None:
    assert refuse(contents=[]) == "* GenerateContentRequest.contents: contents is not specified\n"


def test_words_may_be_empty_as_those_at_the_end_of_a_stream(taken: Callable[..., Any]) -> None:
    taken(contents=[{"parts": [{"text": "", "thoughtSignature": "c2ln"}]}])
