"""Errors of the SDK and of the wire as racto's own, each saying what was done and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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
    parse_retry_after,
)

if TYPE_CHECKING:
    from mcp import MCPError

    from .transports.clients import Exchange


class ConnectionClosedError(APIConnectionError, RuntimeError):
    """A client was used outside its block, or before it was opened, or after it was closed."""

    default_retryable = False


def translated(
    error: BaseException,
    *,
    label: str,
    doing: str,
    exchange: Exchange | None = None,
    last_words: str = "",
) -> RactoGatewayError:
    """The racto error for whatever the SDK raised.

    Args:
        error: An exception, or a group of them as task groups raise.
        label: The server's label.
        doing: What was being done, such as ``calling tool 'search'``.
        exchange: How the HTTP exchange ended, where there was one.
        last_words: The end of a local server's error output.
    """
    cause = told_best(error)
    if isinstance(cause, RactoGatewayError):
        return cause
    kind, reason, facts = _verdict(cause, exchange)
    if last_words:
        reason = f"{reason}. Its last words were:\n{last_words}"
    made = kind(f"MCP server {label!r}, {doing}: {reason}", provider=label, **facts)
    made.__cause__ = cause
    return made


def told_best(error: BaseException) -> BaseException:
    """The exception of a group that tells most: ours, then the wire's, then the rest."""
    leaves = list(_leaves(error))
    return min(leaves, key=_rank) if leaves else error


def is_unsent(error: BaseException) -> bool:
    """Whether the failure came before anything was sent, so that trying again is safe."""
    import httpx2

    return isinstance(told_best(error), (httpx2.ConnectError, httpx2.ConnectTimeout))


def is_hanging_up(error: BaseException) -> bool:
    """Whether the failure says no more than that the server is gone."""
    from mcp import MCPError
    from mcp_types import CONNECTION_CLOSED

    cause = told_best(error)
    is_closed = isinstance(cause, MCPError) and cause.code == CONNECTION_CLOSED
    return is_closed and str(cause) == _LOST[0]


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _rank(error: BaseException) -> int:
    import httpx2

    kinds = (RactoGatewayError, httpx2.HTTPStatusError, httpx2.HTTPError, OSError, Exception)
    return next((place for place, kind in enumerate(kinds) if isinstance(error, kind)), len(kinds))


def _verdict(
    error: BaseException, exchange: Exchange | None
) -> tuple[type[RactoGatewayError], str, dict[str, Any]]:
    import httpx2
    from mcp import MCPError
    from mcp.client.auth import OAuthFlowError
    from pydantic import ValidationError

    if isinstance(error, MCPError):
        return _of_protocol(error, exchange)
    if isinstance(error, httpx2.HTTPStatusError):
        return _of_status(error.response.status_code, error.response.headers.get("retry-after"))
    if isinstance(error, (httpx2.TimeoutException, TimeoutError)):
        return RactoGatewayTimeoutError, "no answer in time", {}
    if isinstance(error, OAuthFlowError):
        return RactoGatewayAuthError, f"the OAuth flow failed: {_first_line(error)}", {}
    if isinstance(error, ValidationError):
        return InvalidResponseError, f"its answer breaks the protocol: {_first_line(error)}", {}
    if isinstance(error, (httpx2.HTTPError, OSError)):
        return APIConnectionError, f"no connection ({_named(error)})", {}
    # The SDK's own words for results that break the schema that the server declared.
    if isinstance(error, RuntimeError):
        return InvalidResponseError, _first_line(error), {}
    return APIConnectionError, f"the session failed ({_named(error)})", {}


def _of_protocol(
    error: MCPError, exchange: Exchange | None
) -> tuple[type[RactoGatewayError], str, dict[str, Any]]:
    import mcp_types as types

    # A bare status is worth more than the code that the SDK makes up for it.
    if exchange is not None and exchange.status >= 400 and error.data is None:
        kind, reason, facts = _of_status(exchange.status, exchange.retry_after)
        if kind not in (BadRequestError, NotFoundError) or error.message in _MADE_UP:
            return kind, reason, facts
    if error.code == types.CONNECTION_CLOSED and not error.message.startswith(_LOST):
        # The code that the SDK made its own is the one that most servers use for anything.
        return RactoGatewayAPIError, f"{_first_line(error)} (code {error.code})", {}
    if error.message.startswith("Unexpected content type"):
        return InvalidResponseError, _first_line(error), {}
    kinds: dict[int, type[RactoGatewayError]] = {
        types.CONNECTION_CLOSED: APIConnectionError,
        types.REQUEST_TIMEOUT: RactoGatewayTimeoutError,
        types.METHOD_NOT_FOUND: UnsupportedFeatureError,
        types.INVALID_PARAMS: BadRequestError,
        types.INVALID_REQUEST: BadRequestError,
        types.PARSE_ERROR: InvalidResponseError,
        types.INTERNAL_ERROR: ServerError,
        types.UNSUPPORTED_PROTOCOL_VERSION: ConfigurationError,
        _RESOURCE_NOT_FOUND: NotFoundError,
    }
    kind = kinds.get(error.code, RactoGatewayAPIError)
    facts = {"feature": str(error.data or "method")} if kind is UnsupportedFeatureError else {}
    if kind is ServerError:
        # The server did run, and its tool may have had effects.
        facts["retryable"] = False
    return kind, f"{_first_line(error)} (code {error.code}){_urls(error.data)}", facts


def _of_status(
    status: int, retry_after: str | None
) -> tuple[type[RactoGatewayError], str, dict[str, Any]]:
    facts: dict[str, Any] = {"status_code": status, "retry_after": parse_retry_after(retry_after)}
    named: dict[int, tuple[type[RactoGatewayError], str]] = {
        401: (RactoGatewayAuthError, "it asks for other credentials (401); see token= and auth="),
        403: (PermissionDeniedError, "the credentials may not do this (403)"),
        404: (NotFoundError, "nothing is served at this address (404); check the path of url="),
        421: (BadRequestError, "it does not serve this host name (421)"),
        429: (RateLimitError, "too many requests (429)"),
        503: (OverloadedError, "it is overloaded or not ready (503)"),
    }
    if status in named:
        return *named[status], facts
    if 300 <= status < 400:
        return ConfigurationError, f"it redirects elsewhere ({status}); use that URL", {}
    kind = ServerError if status >= 500 else BadRequestError
    return kind, f"HTTP status {status}", facts


def _urls(data: Any) -> str:
    # A server that wants a browser visit first says where in the error's data.
    asked = data.get("elicitations") if isinstance(data, dict) else None
    found = [one["url"] for one in asked or () if isinstance(one, dict) and "url" in one]
    return f"; open first: {', '.join(map(str, found))}" if found else ""


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0][:2000] if text else type(error).__name__


def _named(error: BaseException) -> str:
    text = _first_line(error)
    return text if text == type(error).__name__ else f"{type(error).__name__}: {text}"


_RESOURCE_NOT_FOUND = -32002
# The SDK's own words for a session that ended, and for statuses without an error in their body.
_LOST = ("Connection closed", "SSE stream")
_MADE_UP = ("Not Found", "Session terminated", "Server returned an error response")
