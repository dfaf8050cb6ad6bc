"""Requests and replies of embedding models."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from racto.core import EmbeddingConfig, EmbeddingResponse, EmbeddingVector


def test_a_request_needs_a_text() -> None:
    config = EmbeddingConfig(texts=["a"])
    assert (config.model, config.dimensions, config.input_type, config.extra) == (
        None,
        None,
        None,
        {},
    )
    with pytest.raises(ValidationError, match="texts"):
        EmbeddingConfig(texts=[])


@pytest.mark.parametrize("wrong", [{"dimensions": 0}, {"dimension": 3}, {"texts": "a"}])
def test_wrong_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=next(iter(wrong))):
        EmbeddingConfig(**{"texts": ["a"], **wrong})


def test_a_reply_survives_json_without_the_raw_one() -> None:
    vector = EmbeddingVector(index=0, text="a", embedding=[0.1, -2.0])
    response = EmbeddingResponse(vectors=[vector], model="m", provider="p", raw=object())
    again = EmbeddingResponse.model_validate_json(response.model_dump_json())
    assert again.vectors == [vector]
    assert again.raw is None
    with pytest.raises(ValidationError, match="frozen"):
        vector.index = 1
