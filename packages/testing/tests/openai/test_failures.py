"""Failures as the official client raises them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, get_args

import openai
import pytest

from racto.testing import Failure, OpenAIServer
from racto.testing.replies import FailureKind

HELLO: Any = [{"role": "user", "content": "hello"}]


def fail(client: openai.OpenAI) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="m", messages=HELLO)
    return caught.value


@pytest.mark.parametrize(
    ("kind", "error", "status", "code"),
    [
        ("bad_request", openai.BadRequestError, 400, None),
        ("unauthorized", openai.AuthenticationError, 401, "invalid_api_key"),
        ("quota_exhausted", openai.RateLimitError, 429, "insufficient_quota"),
        ("forbidden", openai.PermissionDeniedError, 403, "unsupported_country_region_territory"),
        ("not_found", openai.NotFoundError, 404, "model_not_found"),
        ("context_overflow", openai.BadRequestError, 400, "context_length_exceeded"),
        ("content_filtered", openai.BadRequestError, 400, "invalid_prompt"),
        ("rate_limited", openai.RateLimitError, 429, "rate_limit_exceeded"),
        ("overloaded", openai.InternalServerError, 503, None),
        ("server_error", openai.InternalServerError, 500, None),
    ],
)
def test_each_kind_is_an_error_of_its_own(
    openai_server: OpenAIServer,
    client: openai.OpenAI,
    kind: FailureKind,
    error: type[Exception],
    status: int,
    code: str | None,
) -> None:
    openai_server.fail(kind)
    raised = fail(client)
    assert type(raised) is error
    assert (raised.status_code, raised.code) == (status, code)
    assert raised.type
    assert raised.request_id


def test_every_kind_is_known(openai_server: OpenAIServer, client: openai.OpenAI) -> None:
    for kind in get_args(FailureKind):
        openai_server.fail(kind)
        assert fail(client).message


def test_an_overflow_names_limit_and_count(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.fail("context_overflow", limit=8192, count=9001)
    openai_server.fail("context_overflow", limit=8192)
    raised = fail(client)
    assert "maximum context length is 8192 tokens" in raised.message
    assert "resulted in 9001 tokens" in raised.message
    assert raised.param == "messages"
    assert "resulted in more tokens" in fail(client).message


def test_a_wait_is_told_in_header_and_words(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.fail("rate_limited", retry_after=2.5)
    raised = fail(client)
    assert raised.response.headers["retry-after"] == "2.5"
    assert "try again in 2.5s" in raised.message


def test_a_moment_to_wait_for_is_told_as_a_date(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    moment = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    openai_server.fail("overloaded", retry_after=moment)
    assert parsedate_to_datetime(fail(client).response.headers["retry-after"]) == moment


def test_words_status_headers_and_body_can_be_chosen(
    openai_server: OpenAIServer, client: openai.OpenAI
) -> None:
    openai_server.add(
        Failure(kind="server_error", message="out of order", status=502, headers={"x-a": "1"}),
        Failure(body=b"<html>Bad gateway</html>"),
    )
    raised = fail(client)
    assert (raised.status_code, raised.response.headers["x-a"]) == (502, "1")
    assert "out of order" in raised.message
    assert fail(client).response.text == "<html>Bad gateway</html>"


def test_a_client_that_retries_gets_the_next_answer(openai_server: OpenAIServer) -> None:
    openai_server.fail("rate_limited", headers={"retry-after-ms": "1"})
    openai_server.say("at last")
    with openai.OpenAI(base_url=openai_server.url, api_key="test-key") as client:
        answer = client.chat.completions.create(model="m", messages=HELLO)
    assert answer.choices[0].message.content == "at last"
    assert len(openai_server.requests) == 2
