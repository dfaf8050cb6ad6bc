"""JSON is found where it stands, checked against the model, and never completed."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given, strategies as st
from pydantic import BaseModel, RootModel

from racto.core import ChatConfig, ConfigurationError, FinishReason, LLMResponse, RactoPrompt
from racto.providers.kits import structured

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
).filter(lambda value: isinstance(value, (dict, list)))


class City(BaseModel):
    name: str
    people: int


def prompt(output: Any) -> RactoPrompt:
    return RactoPrompt(role="r", aim="a", constraints=["c"], tone="t", output_format=output)


@given(VALUES)
def test_any_json_is_found_bare_fenced_or_after_words(value: Any) -> None:
    text = json.dumps(value, indent=1)
    assert structured.find_json(text) == value
    assert structured.find_json(f"\n {text}\n") == value
    assert structured.find_json(f"Here it is:\n```json\n{text}\n```\nDone.") == value


@given(st.text())
def test_any_text_is_searched_without_an_error(text: str) -> None:
    found = structured.find_json(text)
    assert found is None or isinstance(found, (dict, list))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('The answer: {"a": 1} and more', {"a": 1}),
        ("no json at all", None),
        ("{broken", None),
        ("42", None),
        ('"text"', None),
        ("~~~\n[1, 2]\n~~~", [1, 2]),
        ("```python\nprint({1})\n```\n It prints", None),
        ("[" * 100_000, None),
        ("As {they} say: [1, 2]", [1, 2]),
        ("```json title=x\n[1]\n```", [1]),
        ("```python\nx = {}\n```\n```\n[1]\n```", [1]),
        ("Write ```json``` first:\n```\n[1]\n```", [1]),
    ],
)
def test_replies_as_models_write_them(text: str, found: Any) -> None:
    assert structured.find_json(text) == found


def test_a_missing_field_is_a_fault_and_is_not_invented() -> None:
    response = LLMResponse(content='{"name": "Rome"}')
    fault = structured.fault_of(response, City)
    assert fault is not None
    assert response.parsed is None
    assert "people: Field required" in structured.correction(fault)


def test_a_fit_reply_is_parsed_as_it_was_written() -> None:
    response = LLMResponse(content='Sure! {"name": "Rome", "people": 3, "extra": 1}')
    assert structured.fault_of(response, City) is None
    assert response.parsed == {"name": "Rome", "people": 3, "extra": 1}
    assert response.content is not None
    assert response.content.startswith("Sure!")


def test_words_instead_of_json_are_a_fault() -> None:
    assert isinstance(structured.fault_of(LLMResponse(content="Rome"), City), ValueError)
    assert isinstance(structured.fault_of(LLMResponse(content=None), City), ValueError)


def test_a_failure_says_what_was_wrong_and_keeps_the_words() -> None:
    response = LLMResponse(content="Rome", finish_reason=FinishReason.LENGTH)
    assert structured.is_hopeless(response)
    error = structured.failure(response, City, ValueError("no"), attempts=1)
    assert "max_tokens" in str(error)
    assert error.raw_response == "Rome"


def test_many_problems_are_told_in_few_lines() -> None:
    fields: dict[str, Any] = dict.fromkeys((f"f{n}" for n in range(60)), (int, ...))
    from pydantic import create_model

    model = create_model("Wide", **fields)
    fault = structured.fault_of(LLMResponse(content="{}"), model)
    assert fault is not None
    text = structured.correction(fault)
    assert "and 40 more" in text
    assert text.count("\n") < 30


def test_the_prompts_model_is_inferred() -> None:
    config = ChatConfig(user_message="x", prompt=prompt(City))
    assert structured.with_inferred_model(config).response_model is City
    assert structured.asks_for_json(config)
    plain = ChatConfig(user_message="x", prompt=prompt("text"))
    assert structured.with_inferred_model(plain) is plain
    assert not structured.asks_for_json(plain)
    assert structured.asks_for_json(ChatConfig(user_message="x", prompt=prompt(" JSON ")))
    assert structured.asks_for_json(ChatConfig(user_message="x", prompt=prompt({"type": "array"})))


@pytest.mark.parametrize(
    "text",
    ["```json\n" * 40_000, "~~~\n```\n" * 40_000, "[1," * 60_000, '{"a":' * 60_000,
     "```" + "`~ j" * 60_000, "[[1]," * 60_000],
)  # fmt: skip
def test_text_made_to_be_slow_is_searched_all_the_same(text: str) -> None:
    """Each would take minutes if the search began anew at every line or bracket."""
    found = structured.find_json(text)
    assert found is None or found == [1]


@pytest.mark.parametrize(
    "before", ["See [1] and [2]: ", "Like {this}: ", 'Not {"name": 1} but ', "[]\n" * 50]
)
def test_of_several_values_the_one_that_fits_is_meant(before: str) -> None:
    response = LLMResponse(content=f'{before}{{"name": "Rome", "people": 3}} [3]')
    assert structured.fault_of(response, City) is None
    assert response.parsed == {"name": "Rome", "people": 3}


def test_a_value_inside_another_is_not_taken_for_the_reply() -> None:
    response = LLMResponse(content='{"city": {"name": "Rome", "people": 3}}')
    assert structured.fault_of(response, City) is not None
    assert response.parsed is None


class Tree(RootModel["list[Tree]"]):
    pass


class Number(RootModel[int]):
    pass


@pytest.mark.parametrize(
    "model",
    [City, Tree, RootModel[list[int]], RootModel[dict[str, int]], RootModel[City], RootModel[Any],
     RootModel[int | City]],
)  # fmt: skip
def test_models_of_objects_and_arrays_are_accepted(model: Any) -> None:
    structured.check_model(model)


@pytest.mark.parametrize(
    "model",
    [Number, RootModel[int | None], RootModel[Literal["a", "b"]], RootModel[Literal["a"]],
     RootModel[Number]],
)  # fmt: skip
def test_a_model_of_a_bare_value_is_refused_at_once(model: Any) -> None:
    with pytest.raises(ConfigurationError, match="bare value"):
        structured.check_model(model)
