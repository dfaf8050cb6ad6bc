"""Failures are told as Google tells them: status, words and details."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from google import genai
from google.genai import errors

from racto.testing import Failure, GeminiServer
from racto.testing.gemini.failures import failure_answer, status_body
from racto.testing.replies import FailureKind


def details(failure: Failure) -> dict[str, dict[str, Any]]:
    found = status_body(failure, "m")["error"].get("details", [])
    return {each["@type"].rpartition(".")[2]: each for each in found}


@pytest.mark.parametrize(
    ("kind", "code", "status"),
    [
        ("bad_request", 400, "INVALID_ARGUMENT"),
        ("unauthorized", 400, "INVALID_ARGUMENT"),
        ("forbidden", 403, "PERMISSION_DENIED"),
        ("not_found", 404, "NOT_FOUND"),
        ("context_overflow", 400, "INVALID_ARGUMENT"),
        ("rate_limited", 429, "RESOURCE_EXHAUSTED"),
        ("quota_exhausted", 429, "RESOURCE_EXHAUSTED"),
        ("overloaded", 503, "UNAVAILABLE"),
        ("server_error", 500, "INTERNAL"),
    ],
)
def test_each_kind_reaches_the_client(
    kind: FailureKind, code: int, status: str, gemini_server: GeminiServer, client: genai.Client
) -> None:
    gemini_server.fail(kind)
    with pytest.raises(errors.APIError) as caught:
        client.models.generate_content(model="m", contents="hi")
    assert (caught.value.code, caught.value.status) == (code, status)
    assert caught.value.message


def test_each_kind_has_words() -> None:
    for kind in get_args(FailureKind):
        error = status_body(Failure(kind=kind))["error"]
        assert error["message"]
        assert error["status"] != "UNKNOWN"


def test_a_deadline_is_a_status_of_its_own() -> None:
    error = status_body(Failure(status=504))["error"]
    assert (error["code"], error["status"]) == (504, "DEADLINE_EXCEEDED")


def test_a_wrong_key_is_told_by_its_reason() -> None:
    found = details(Failure(kind="unauthorized"))
    assert found["ErrorInfo"]["reason"] == "API_KEY_INVALID"
    assert found["LocalizedMessage"]["message"].startswith("API key not valid.")


def test_a_wait_is_told_in_the_details_and_the_words() -> None:
    failure = Failure(kind="rate_limited", retry_after=7.25)
    assert details(failure)["RetryInfo"]["retryDelay"] == "7.25s"
    assert status_body(failure)["error"]["message"].endswith("\nPlease retry in 7.25s.")
    assert "RetryInfo" not in details(Failure(kind="rate_limited"))
    later = datetime.now(UTC) + timedelta(seconds=100)
    told = details(Failure(kind="overloaded", retry_after=later))["RetryInfo"]["retryDelay"]
    assert 90 < float(told.removesuffix("s")) <= 100


def test_a_spent_quota_is_told_from_a_storm() -> None:
    def quota(kind: FailureKind) -> str:
        (violation,) = details(Failure(kind=kind))["QuotaFailure"]["violations"]
        assert violation["quotaDimensions"]["model"] == "m"
        return str(violation["quotaId"])

    assert "PerDay" in quota("quota_exhausted")
    assert "PerMinute" in quota("rate_limited")


def test_an_overflow_tells_its_numbers() -> None:
    error = status_body(Failure(kind="context_overflow", limit=10, count=12))["error"]
    assert error["message"] == (
        "The input token count (12) exceeds the maximum number of tokens allowed (10)."
    )
    error = status_body(Failure(kind="context_overflow", limit=10))["error"]
    assert error["message"].endswith("allowed (10).")


def test_a_failure_may_be_of_the_tests_own_making() -> None:
    failure = Failure(kind="overloaded", body=b"<html>", status=502, headers={"x-mine": "1"})
    answer = failure_answer(failure)
    assert (answer.status, answer.body, answer.headers["x-mine"]) == (502, b"<html>", "1")
    assert status_body(Failure(message="mine"))["error"]["message"] == "mine"
