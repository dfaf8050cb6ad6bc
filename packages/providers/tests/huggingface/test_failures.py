"""Errors of the router, of TGI, TEI and vLLM, each in its own shape."""

from __future__ import annotations

import json
from typing import Any

import pytest

from racto.core import (
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RateLimitError,
    ServerError,
)
from racto.providers.huggingface.failures import HUGGINGFACE_VOCABULARY, HuggingFaceTranslator

TRANSLATOR = HuggingFaceTranslator("huggingface", HUGGINGFACE_VOCABULARY)


def refused(status: int, body: Any, **headers: str) -> RactoGatewayError:
    return TRANSLATOR.refused(status, headers, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": "Invalid username or password."}, RactoGatewayAuthError),
        (402, {"error": "You have exceeded your monthly included credits"}, QuotaExhaustedError),
        (403, {"error": "insufficient permissions"}, PermissionDeniedError),
        (404, {"error": "Not Found"}, NotFoundError),
        (400, {"error": {"message": "no", "code": "model_not_supported"}}, NotFoundError),
        (400, {"error": {"message": "no", "code": "content_filter"}}, ContentFilterError),
        (400, {"error": "your request was blocked by moderation"}, ContentFilterError),
        (422, {"error": "bad", "error_type": "validation"}, BadRequestError),
        (413, {"error": "batch size 64 > 32", "error_type": "Validation"}, BadRequestError),
        (422, {"detail": [{"loc": ["body", "x"], "msg": "missing"}]}, BadRequestError),
        (424, {"error": "failed", "error_type": "generation"}, ServerError),
        (424, {"error": "failed", "error_type": "Backend"}, ServerError),
        (429, {"error": "Model is overloaded", "error_type": "overloaded"}, OverloadedError),
        (429, {"error": "too many requests"}, RateLimitError),
        (429, {"error": {"message": "no credit", "code": "insufficient_quota"}},
         QuotaExhaustedError),
        (404, {"object": "error", "message": "no such model", "code": 404}, NotFoundError),
        (500, {"error": "oh"}, ServerError),
        (503, {"error": "Model x is currently loading", "estimated_time": 20.5}, OverloadedError),
    ],
)  # fmt: skip
def test_each_shape_has_its_class(status: int, body: Any, kind: type[Exception]) -> None:
    made = refused(status, body)
    assert type(made) is kind
    assert made.status_code == status


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": "Request failed during generation", "error_type": "generation"}, ServerError),
        ({"error": "full", "error_type": "overloaded"}, OverloadedError),
        ({"error": {"message": "slow", "code": 429}}, RateLimitError),
        ({"error": "odd"}, RactoGatewayAPIError),
    ],
)
def test_in_mid_stream_the_body_tells(body: Any, kind: type[Exception]) -> None:
    assert type(TRANSLATOR.reported(TRANSLATOR.error_of(body))) is kind


def test_a_model_that_is_being_loaded_says_when_it_is_there() -> None:
    loading = {"error": "loading", "estimated_time": 20.5}
    assert refused(503, loading).retry_after == 20.5
    assert refused(503, loading, **{"retry-after": "60"}).retry_after == 60.0
    assert refused(503, {"error": "loading", "estimated_time": "soon"}).retry_after is None
    for useless in (-1, 10**400, float("inf"), float("nan"), True, [1]):
        loading = {"error": "loading", "estimated_time": useless}
        assert refused(503, loading).retry_after is None


@pytest.mark.parametrize(
    ("status", "message", "limit", "count"),
    [
        (422, "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. "
         "Given: 5000 `inputs` tokens and 100 `max_new_tokens`", 4096, 5000),
        (422, "Input validation error: `inputs` must have less than 1024 tokens. Given: 1203",
         1024, 1203),
        (413, "Input validation error: `inputs` must have less than 512 tokens. Given: 785",
         512, 785),
        (400, "This model's maximum context length is 8192 tokens. However, you requested 9000 "
         "tokens", 8192, 9000),
    ],
)  # fmt: skip
def test_an_overflow_names_limit_and_count(
    status: int, message: str, limit: int, count: int
) -> None:
    made = refused(status, {"error": message, "error_type": "validation"})
    assert isinstance(made, ContextLengthError)
    assert (made.limit, made.count) == (limit, count)


def test_validation_errors_name_their_place() -> None:
    body = {"detail": [{"loc": ["body", "model"], "msg": "field required"}, "and more"]}
    assert "body.model: field required; and more" in str(refused(422, body))


def test_advice_names_what_hugging_face_wants() -> None:
    assert "HF_TOKEN" in str(refused(401, {"error": "no"}))
    assert "Inference Providers" in str(refused(403, {"error": "no"}))


@pytest.mark.parametrize("data", [{}, {"error": None}, {"choices": []}, [[0.1]], "x", None])
def test_what_is_no_error_is_none(data: Any) -> None:
    assert TRANSLATOR.error_of(data) is None
