"""Terms: what a reply needs to be read, through a file and back."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from racto.batch.reply_models import schema_text
from racto.batch.terms import Terms, terms_of_chat
from racto.core import ChatConfig, RactoPrompt
from racto.core.requests import EncodedRequest


class Answer(BaseModel):
    value: int


def prompt(output_format: object) -> RactoPrompt:
    return RactoPrompt(
        role="r",
        aim="a",
        constraints=["c"],
        tone="t",
        output_format=output_format,  # type: ignore[arg-type]
    )


def terms(config: ChatConfig, model: type[BaseModel] | None = None) -> Terms:
    request = EncodedRequest(path="/p", body={}, model="m", dropped=("seed",))
    return terms_of_chat(request, config, model, schema_text(model) if model else None)


def test_terms_come_back_from_text() -> None:
    kept = terms(ChatConfig(user_message="x", response_model=Answer), Answer)
    assert Terms.unpacked(kept.packed()) == kept
    assert kept.request().dropped == ("seed",)


def test_a_known_class_checks_replies_and_its_schema_does_elsewhere() -> None:
    kept = terms(ChatConfig(user_message="x", response_model=Answer), Answer)
    assert kept.config({kept.schema or "": Answer}).response_model is Answer
    model = kept.config({}).response_model
    assert model is not None
    with pytest.raises(ValidationError):
        model.model_validate({"value": "x"})


@pytest.mark.parametrize(
    ("given", "wants_json"),
    [("json", True), ({"type": "object"}, True), ("text", False)],
    ids=["in words", "by a schema", "text"],
)
def test_json_in_words_is_remembered(given: object, *, wants_json: bool) -> None:
    kept = terms(ChatConfig(user_message="x", prompt=prompt(given)))
    asked = kept.config({}).prompt
    assert kept.wants_json is wants_json
    assert (asked is not None and asked.output_format == "json") is wants_json


def test_a_system_text_of_its_own_keeps_a_kits_default_prompt_out() -> None:
    assert terms(ChatConfig(user_message="x", system="y")).config({}).system is not None
    assert terms(ChatConfig(user_message="x")).config({}).system is None
