"""The words of refusals."""

from __future__ import annotations

import json

import pytest

from racto.testing.openai.wording import dotted, invalid_value, missing


@pytest.mark.parametrize(
    ("place", "text"),
    [
        (("messages", 0, "content", 1, "text"), "messages[0].content[1].text"),
        (("stop", 0), "stop[0]"),
        (("model",), "model"),
        ((), ""),
    ],
)
def test_places_are_written_as_the_api_writes_them(place: tuple[str | int, ...], text: str) -> None:
    assert dotted(place) == text


@pytest.mark.parametrize(
    ("known", "words"),
    [(["a"], "'a'."), (["a", "b"], "'a' and 'b'."), (["a", "b", "c"], "'a', 'b', and 'c'.")],
)
def test_known_words_are_listed(known: list[str], words: str) -> None:
    error = json.loads(invalid_value("x.y", "z", known).answer.body)["error"]
    assert error["message"] == f"Invalid value: 'z'. Supported values are: {words}"
    assert error["param"] == "x.y"


def test_a_missing_model_has_words_of_its_own() -> None:
    assert b"you must provide a model parameter" in missing("model").answer.body
    assert b"Missing required parameter: 'input'." in missing("input").answer.body
