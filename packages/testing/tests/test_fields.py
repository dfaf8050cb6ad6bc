"""What the models of all requests share."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from racto.testing.fields import Given, Strict


class Wine(Strict):
    colour: Given[Literal["red", "white"]] = None
    year: Given[Annotated[int, Field(ge=1900)]] = None
    note: Given[str | list[str]] = None
    price: float | None = None


@pytest.mark.parametrize("field", ["colour", "year", "note"])
def test_a_field_that_may_be_left_out_may_not_be_null(field: str) -> None:
    assert getattr(Wine(), field) is None
    with pytest.raises(ValidationError) as caught:
        Wine.model_validate_json(f'{{"{field}": null}}')
    assert {fault["loc"][0] for fault in caught.value.errors()} == {field}


def test_what_is_given_is_checked() -> None:
    assert Wine.model_validate_json('{"year": 1982, "price": null, "note": ["dry"]}').year == 1982
    for wrong in ('{"year": 1800}', '{"year": "1982"}', '{"colour": "blue"}', '{"grape": "x"}'):
        with pytest.raises(ValidationError):
            Wine.model_validate_json(wrong)
