"""Whatever the SDK and the wire raise becomes one of racto's errors, with the server's name."""

from __future__ import annotations

import httpx2
import pytest
from mcp import MCPError
from pydantic import BaseModel, ValidationError

from racto.core import (
    APIConnectionError,
    BadRequestError,
    ConfigurationError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
    UnsupportedFeatureError,
)
from racto.tools.mcp.failures import is_unsent, told_best, translated
from racto.tools.mcp.transports.clients import Exchange


def of(error: BaseException, status: int = 0, retry_after: str | None = None) -> RactoGatewayError:
    """The translation of an error."""
    exchange = Exchange()
    exchange.status, exchange.retry_after = status, retry_after
    return translated(error, label="web", doing="calling tool 'x'", exchange=exchange)


def invalid() -> ValidationError:
    """An error of pydantic's."""

    class Number(BaseModel):
        n: int

    with pytest.raises(ValidationError) as caught:
        Number(n="x")  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (-32000, RactoGatewayAPIError),
        (-32001, RactoGatewayTimeoutError),
        (-32002, NotFoundError),
        (-32600, BadRequestError),
        (-32601, UnsupportedFeatureError),
        (-32602, BadRequestError),
        (-32603, ServerError),
        (-32700, InvalidResponseError),
        (-32022, ConfigurationError),
        (0, RactoGatewayAPIError),
        (12345, RactoGatewayAPIError),
    ],
)
def test_codes_of_the_protocol(code: int, kind: type[Exception]) -> None:
    error = of(MCPError(code, "it says no"))
    assert type(error) is kind
    assert "MCP server 'web', calling tool 'x': it says no" in str(error)
    assert error.provider == "web"


@pytest.mark.parametrize(
    ("status", "kind", "retryable"),
    [
        (401, RactoGatewayAuthError, False),
        (403, PermissionDeniedError, False),
        (429, RateLimitError, True),
        (500, ServerError, True),
        (502, ServerError, True),
        (503, OverloadedError, True),
    ],
)
def test_a_status_says_more_than_the_code_made_up_for_it(
    status: int, kind: type[Exception], retryable: bool
) -> None:
    error = of(MCPError(-32603, "Server returned an error response"), status, "7")
    assert type(error) is kind
    assert (error.status_code, error.retry_after, error.retryable) == (status, 7.0, retryable)


def test_a_server_that_ran_and_failed_is_not_asked_again() -> None:
    assert not of(MCPError(-32603, "broken")).retryable


@pytest.mark.parametrize("words", ["Connection closed", "SSE stream ended without a response"])
def test_a_session_that_ended(words: str) -> None:
    """The SDK gives it the code that servers use for errors of their own, and its own words."""
    assert type(of(MCPError(-32000, words))) is APIConnectionError


def test_a_path_that_serves_nothing_and_a_page_of_html() -> None:
    assert type(of(MCPError(-32601, "Not Found"), 404)) is NotFoundError
    # With an error in the body it is the method that is not there.
    assert type(of(MCPError(-32601, "Method not found"), 404)) is UnsupportedFeatureError
    html = MCPError(-32600, "Unexpected content type: text/html")
    assert type(of(html, 200)) is InvalidResponseError


def test_pages_to_open_first_are_named() -> None:
    data = {"elicitations": [{"url": "https://a/login"}, {"no": 1}, 7]}
    assert "open first: https://a/login" in str(of(MCPError(-32042, "log in", data)))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (httpx2.ConnectError("refused"), APIConnectionError),
        (httpx2.ReadError("reset"), APIConnectionError),
        (httpx2.ReadTimeout("slow"), RactoGatewayTimeoutError),
        (TimeoutError(), RactoGatewayTimeoutError),
        (OSError("broken pipe"), APIConnectionError),
        (RuntimeError("Invalid structured content returned by tool x"), InvalidResponseError),
        (KeyError("odd"), APIConnectionError),
    ],
)
def test_what_the_wire_raises(error: Exception, kind: type[Exception]) -> None:
    assert type(of(error)) is kind
    # As task groups wrap it, however deep.
    grouped = ExceptionGroup("outer", [ExceptionGroup("inner", [error]), ValueError("noise")])
    assert type(of(grouped)) in (kind, type(of(ValueError("noise"))))


def test_an_answer_that_breaks_the_protocol() -> None:
    error = of(invalid())
    assert type(error) is InvalidResponseError
    assert error.__cause__ is not None


def test_the_best_of_a_group_is_told() -> None:
    ours, wire = ServerError("ours"), httpx2.ConnectError("refused")
    assert told_best(ExceptionGroup("g", [ValueError("x"), wire])) is wire
    assert told_best(ExceptionGroup("g", [wire, ours])) is ours
    assert of(ExceptionGroup("g", [wire, ours])) is ours


def test_nothing_was_sent_to_whom_could_not_be_reached() -> None:
    assert is_unsent(ExceptionGroup("g", [httpx2.ConnectError("refused")]))
    assert is_unsent(httpx2.ConnectTimeout("slow"))
    assert not is_unsent(httpx2.ReadError("reset"))


def test_secrets_are_masked() -> None:
    error = of(MCPError(-32603, "refused Authorization: Bearer abcdefghij1234567890"))
    assert "abcdefghij" not in str(error)
