"""Failures are told as Ollama tells them."""

from __future__ import annotations

from typing import get_args

import ollama
import pytest

from racto.testing import Failure, OllamaServer
from racto.testing.ollama.failures import error_of, failure_answer
from racto.testing.replies import FailureKind


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("bad_request", 400, "invalid request"),
        ("unauthorized", 401, "unauthorized"),
        ("quota_exhausted", 402, "requires a subscription"),
        ("forbidden", 403, "not authorized"),
        ("not_found", 404, "model 'm' not found"),
        ("context_overflow", 400, "prompt too long; exceeded max context length"),
        ("rate_limited", 429, "too many"),
        ("overloaded", 503, "server busy"),
        ("server_error", 500, "llama runner process has terminated"),
    ],
)
def test_each_kind_reaches_the_client(
    kind: FailureKind, status: int, words: str, ollama_server: OllamaServer, client: ollama.Client
) -> None:
    ollama_server.fail(kind)
    with pytest.raises(ollama.ResponseError, match=words) as caught:
        client.generate("m", "x")
    assert caught.value.status_code == status


def test_each_kind_has_words() -> None:
    assert all(error_of(Failure(kind=kind))["error"] for kind in get_args(FailureKind))


def test_an_overflow_tells_by_how_much() -> None:
    told = error_of(Failure(kind="context_overflow", limit=10, count=12))["error"]
    assert told == "prompt too long; exceeded max context length by 2 tokens"


def test_a_failure_may_be_of_the_tests_own_making() -> None:
    failure = Failure(kind="overloaded", retry_after=3, body={"a": 1}, status=502)
    answer = failure_answer(failure)
    assert (answer.status, answer.body) == (502, b'{"a":1}')
    assert answer.headers["retry-after"] == "3"
    assert error_of(Failure(message="mine")) == {"error": "mine"}
