"""Failures are told as TGI and the router tell them."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from racto.testing import Failure, HuggingFaceServer
from racto.testing.huggingface.failures import error_of, failure_answer
from racto.testing.replies import FailureKind

USER = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    ("failure", "status", "kind"),
    [
        (Failure(kind="bad_request"), 422, "validation"),
        (Failure(kind="unauthorized"), 401, None),
        (Failure(kind="quota_exhausted"), 402, None),
        (Failure(kind="forbidden"), 403, None),
        (Failure(kind="not_found"), 404, None),
        (Failure(kind="context_overflow"), 422, "validation"),
        (Failure(kind="rate_limited"), 429, None),
        (Failure(kind="overloaded"), 429, "overloaded"),
        (Failure(kind="overloaded", retry_after=20), 503, None),
        (Failure(kind="server_error"), 500, "incomplete_generation"),
    ],
)
def test_each_kind_reaches_the_client(
    failure: Failure,
    status: int,
    kind: str | None,
    huggingface_server: HuggingFaceServer,
    client: InferenceClient,
) -> None:
    huggingface_server.add(failure)
    with pytest.raises(HfHubHTTPError) as caught:
        client.chat_completion([USER])
    assert caught.value.response.status_code == status
    assert caught.value.response.json().get("error_type") == kind


def test_each_kind_has_words() -> None:
    for kind in get_args(FailureKind):
        told = error_of(Failure(kind=kind), "m")["error"]
        assert told
        assert "{" not in told


def test_a_model_that_is_being_loaded_tells_when_it_will_be_there() -> None:
    answer = failure_answer(Failure(kind="overloaded", retry_after=20), "org/m")
    body: dict[str, Any] = json.loads(answer.body)
    assert body == {"error": "Model org/m is currently loading", "estimated_time": 20}
    assert answer.headers["retry-after"] == "20"


def test_an_overflow_tells_its_numbers() -> None:
    told = error_of(Failure(kind="context_overflow", limit=10, count=12))["error"]
    assert "must be <= 10. Given: 12 `inputs` tokens" in told


def test_a_failure_may_be_of_the_tests_own_making() -> None:
    answer = failure_answer(Failure(kind="overloaded", body=b"<html>", status=502))
    assert (answer.status, answer.body) == (502, b"<html>")
    assert error_of(Failure(message="mine"))["error"] == "mine"
