"""Models that are only known by their schema."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from racto.batch.reply_models import model_of_schema, schema_text
from racto.core import ConfigurationError


class Answer(BaseModel):
    value: int


SCHEMA = {"type": "object", "properties": {"value": {"type": "integer"}}, "required": ["value"]}


def test_the_schema_is_the_measure() -> None:
    model = model_of_schema(SCHEMA)
    assert model.model_validate_json('{"value": 1}').model_dump() == {"value": 1}
    with pytest.raises(ValidationError, match=r"reply\.value: should be integer"):
        model.model_validate_json('{"value": "one"}')


def test_equal_schemas_are_one_model() -> None:
    turned = {"required": ["value"], **SCHEMA}
    assert model_of_schema(SCHEMA) is model_of_schema(turned)
    assert schema_text(Answer) == schema_text(SCHEMA)


def test_a_title_is_the_models_name_made_plain() -> None:
    assert model_of_schema({**SCHEMA, "title": "My answer!"}).__name__ == "My_answer_"


def test_a_bare_value_is_no_reply() -> None:
    with pytest.raises(ConfigurationError, match="an object"):
        model_of_schema({"type": "string"})
