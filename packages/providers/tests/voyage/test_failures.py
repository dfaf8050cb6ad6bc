"""Voyage's sentences become errors that say what to do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core import (
    BadRequestError,
    ContextLengthError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
    ServerError,
)
from racto.providers.voyage.failures import VOYAGE_VOCABULARY, VoyageTranslator

TRANSLATOR = VoyageTranslator("voyage", VOYAGE_VOCABULARY)


def refused(status: int, detail: Any, **headers: str) -> RactoGatewayError:
    return TRANSLATOR.refused(status, headers, json.dumps({"detail": detail}).encode())


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequestError),
        (401, RactoGatewayAuthError),
        (429, RateLimitError),
        (500, ServerError),
    ],
)
def test_the_status_is_the_class(status: int, kind: type[Exception]) -> None:
    made = refused(status, "what went wrong", **{"retry-after": "3"})
    assert type(made) is kind
    assert "what went wrong" in str(made)
    assert made.retry_after == 3.0


def test_the_advice_names_the_variable() -> None:
    assert "VOYAGE_API_KEY" in str(refused(401, "Provided API key is invalid."))


@pytest.mark.parametrize(
    ("detail", "limit", "count"),
    [
        ("Request to model 'voyage-4' failed. The max allowed tokens per submitted batch is "
         "120000. Your batch has 122339 tokens after truncation. Please lower the number of "
         "tokens in the batch.", 120_000, 122_339),
        ("Request to model 'voyage-4' failed. The example at index 0 in your batch has too many "
         "tokens and does not fit into the model's context window of 32000 tokens.",
         32_000, None),
    ],
)  # fmt: skip
def test_an_overflow_names_limit_and_count(detail: str, limit: int, count: int | None) -> None:
    made = refused(400, detail)
    assert isinstance(made, ContextLengthError)
    assert (made.limit, made.count) == (limit, count)
    assert "truncation=True" in str(made)


@pytest.mark.parametrize("data", [{}, {"detail": ""}, {"data": []}, [], None])
def test_what_is_no_error_is_none(data: Any) -> None:
    assert TRANSLATOR.error_of(data) is None
