"""The border to providers: every error they raise or report, as one of racto's."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
    ContextLengthError,
    InvalidResponseError,
    NotFoundError,
    OverloadedError,
    PermissionDeniedError,
    QuotaExhaustedError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
)
from racto.core.retries import parse_retry_after
from racto.core.secrets import redact

from .credentials import secrets_in
from .http import httpx

E = TypeVar("E", bound=RactoGatewayError)

BY_STATUS: Mapping[int, type[RactoGatewayError]] = {
    400: BadRequestError,
    401: RactoGatewayAuthError,
    402: QuotaExhaustedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RactoGatewayTimeoutError,
    413: BadRequestError,
    415: BadRequestError,
    422: BadRequestError,
    429: RateLimitError,
    503: OverloadedError,
    504: RactoGatewayTimeoutError,
    529: OverloadedError,
}
"""What a status means where the error's own code says nothing; 500 and above are the server's."""

_ADVICE: Mapping[type[RactoGatewayError], str] = {
    PermissionDeniedError: "The key is valid but may not do this.",
    NotFoundError: "Check model= and base_url=.",
    QuotaExhaustedError: "Waiting does not help: check the plan and billing of the account.",
    ContextLengthError: "Shorten the history or the attachments, or lower max_tokens.",
}

_LONGEST_SEARCHED = 4096
_MOST_DIGITS = 15

_REQUEST_IDS = ("x-request-id", "request-id", "x-amzn-requestid", "x-goog-request-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words by which one provider tells its errors apart; all codes in lower case.

    Attributes:
        telling: Codes that say more than the status: an exhausted quota comes as a 429 too.
        codes: Codes that count where the status says nothing, as in the middle of a stream.
        limit: Finds the limit in the words of a context overflow.
        count: Finds the number of tokens that were sent in them.
        key_advice: What to do about a refused key.
    """

    telling: Mapping[str, type[RactoGatewayError]] = field(default_factory=dict)
    codes: Mapping[str, type[RactoGatewayError]] = field(default_factory=dict)
    limit: re.Pattern[str] | None = None
    count: re.Pattern[str] | None = None
    key_advice: str = "Check api_key=."


class Translator:
    """Turns a provider's errors into racto's.

    Args:
        provider: Name of the provider in the errors.
        vocabulary: Its words.
        secrets: Keys and other credentials, which some servers repeat in their messages; cut out
            of them, and an error that shows one is never the cause of another.
    """

    def __init__(
        self, provider: str, vocabulary: Vocabulary, *, secrets: Collection[str] = ()
    ) -> None:
        self._provider = provider
        self._vocabulary = vocabulary
        self._secrets = frozenset(secrets)

    def translated(self, error: Exception) -> RactoGatewayError:
        """The error to raise ``from`` what an SDK or the HTTP library raised."""
        response = getattr(error, "response", None)
        # Both SDKs call it so, and read the body before they raise.
        if response is not None and hasattr(error, "status_code"):
            body = getattr(error, "body", None)
            # One SDK hands out the error object, the other the body around it.
            found = self.error_of(body) or body or str(error)
            return self._of_status(response.status_code, response.headers, found, _sent(response))
        # The SDKs wrap what the HTTP library raised, and say "Connection error." of everything;
        # and they call a connection that aiohttp lost a timeout. The deepest cause tells.
        for cause in reversed(list(_causes(error))):
            if isinstance(cause, (TimeoutError, httpx().TimeoutException)):
                return self._made(RactoGatewayTimeoutError, f"no answer in time ({_kind(cause)})")
            if isinstance(cause, (OSError, httpx().RequestError)) or _is_aiohttps(cause):
                place = _address(error)
                return self._made(
                    APIConnectionError, f"the connection{place} failed: {_told(cause)}"
                )
        return self._made(RactoGatewayAPIError, f"{_kind(error)}: {error}")

    def cause(self, error: Exception) -> Exception | None:
        """What to raise :meth:`translated` from: the error, unless its chain shows a secret."""
        shown = "".join(traceback.format_exception(error, limit=0))
        sent = _sent(getattr(error, "response", None))
        return error if redact(shown) == shown == self._cleaned(shown, sent) else None

    def refused(
        self,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        *,
        secrets: Collection[str] = (),
    ) -> RactoGatewayError:
        """The error for a reply of status 400 or above.

        Args:
            status: HTTP status.
            headers: Response headers.
            body: The beginning of the body.
            secrets: Credentials that were sent, beside those that are known anyway.
        """
        shown = body.decode("utf-8", "replace").strip() or "no message"
        return self._of_status(status, headers, self.error_in(body) or shown, secrets)

    def reported(
        self,
        body: Any,
        *,
        status: int | None = None,
        request_id: str | None = None,
        secrets: Collection[str] = (),
    ) -> RactoGatewayError:
        """The error for an error object in the body of a reply, whatever its status.

        Args:
            body: The error object, or text.
            status: HTTP status of the reply, when it was an error; a stream's 200 tells nothing.
            request_id: The provider's id of the request.
            secrets: Credentials that were sent, beside those that are known anyway.
        """
        facts = body if isinstance(body, Mapping) else {"message": str(body)}
        # Gateways put the status of the server behind them into the code.
        if status is None and _is_status(facts.get("code")):
            status = int(str(facts["code"]))
        # Cut before anything searches in it: a hostile server may send a sentence without end.
        message = self._cleaned(self.message(facts), secrets)[:_LONGEST_SEARCHED]
        kind = self._classified(self.words(facts), status, message)
        # OpenAI has no code for it; the words are all that tells it from a fault.
        if kind is ServerError and "overloaded" in message.lower():
            kind = OverloadedError
        error = self._made(kind, message, status=status, request_id=request_id)
        error.retry_after = self.wait_in(facts)
        return error

    def invalid(
        self, why: str, *, body: bytes = b"", request_id: str | None = None
    ) -> InvalidResponseError:
        """The error for a reply that the protocol does not allow."""
        # Cleaned before it is cut, because half a key is not recognized.
        shown = self._cleaned(body[:_LONGEST_SEARCHED].decode("utf-8", "replace"))[:200]
        text = f"{why}; it begins {shown!r}" if shown else why
        return self._made(InvalidResponseError, text, request_id=request_id)

    def error_in(self, body: bytes) -> Any:
        """The error object in the body of a reply; None when there is none."""
        try:
            data = json.loads(body)
        except (ValueError, RecursionError):
            return None
        return self.error_of(data)

    def error_of(self, data: Any) -> Any:
        """The error object in a decoded body; a provider with another shape overrides it."""
        return data.get("error") or None if isinstance(data, Mapping) else None

    def message(self, facts: Mapping[str, Any]) -> str:
        """The words of an error object."""
        return str(facts.get("message") or "no message")

    def words(self, facts: Mapping[str, Any]) -> set[str]:
        """The codes of an error object, in lower case."""
        return {str(facts.get("code")).lower(), str(facts.get("type")).lower()}

    def meanings(self, message: str) -> set[str]:
        """The codes that a sentence stands for, where a provider tells in words alone.

        Args:
            message: What the provider said. It may name things that the caller chose, so it
                counts only where the status leaves open what was wrong.
        """
        return set()

    def wait_in(self, facts: Mapping[str, Any]) -> float | None:
        """Seconds to wait, as an error object tells them; most providers use headers alone."""
        return None

    def advice(self, kind: type[RactoGatewayError], message: str) -> str | None:
        """What to do about an error; a provider that knows better overrides it.

        Args:
            kind: Class of the error.
            message: What the provider said.
        """
        return self._vocabulary.key_advice if kind is RactoGatewayAuthError else _ADVICE.get(kind)

    def _of_status(
        self, status: int, headers: Mapping[str, str], error: Any, secrets: Collection[str]
    ) -> RactoGatewayError:
        made = self.reported(
            error, status=status, request_id=request_id_of(headers), secrets=secrets
        )
        waits = [parse_retry_after(dict(headers)), made.retry_after]
        made.retry_after = max((wait for wait in waits if wait is not None), default=None)
        return made

    def _classified(
        self, words: set[str], status: int | None, message: str
    ) -> type[RactoGatewayError]:
        """The class of an error; its code says more than its status, and the status than its words."""
        known = self._vocabulary
        if status is None or status in (400, 403) or status >= 500:
            words = words | self.meanings(message)
        telling = words & known.telling.keys()
        if telling:
            return known.telling[min(telling)]
        # Overflows have no common code: many servers tell them in words alone.
        if status in (None, 400, 413, 422) and known.limit and known.limit.search(message):
            return ContextLengthError
        code = {word for word in words & known.codes.keys() if _fits(known.codes[word], status)}
        if status is not None and status in BY_STATUS and not (status == 400 and code):
            return BY_STATUS[status]
        if code:
            return known.codes[min(code)]
        if status is not None and status >= 500:
            return ServerError
        return RactoGatewayAPIError

    def _made(
        self,
        kind: type[E],
        message: str,
        *,
        status: int | None = None,
        request_id: str | None = None,
    ) -> E:
        text = self._cleaned(message)
        place = f"{self._provider} answered {status}" if status else self._provider
        advice = self.advice(kind, text)
        facts: dict[str, Any] = {
            "provider": self._provider,
            "status_code": status,
            "request_id": request_id,
        }
        # Of what is the caller's fault, only the pace can be mended by waiting.
        if status is not None and 400 <= status < 500 and status != 429:
            facts["retryable"] = False
        if kind is ContextLengthError:
            known = self._vocabulary
            facts |= {"limit": _number(known.limit, text), "count": _number(known.count, text)}
        # Cut, because some servers quote the whole request, and a log is no place for it.
        return kind(f"{place}: {_end(text[:2000])}{f' {advice}' if advice else ''}", **facts)

    def _cleaned(self, text: str, more: Collection[str] = ()) -> str:
        # The longest first: a key may hold another.
        for secret in sorted(self._secrets.union(more), key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def request_id_of(headers: Mapping[str, str]) -> str | None:
    """The provider's id of a request, under whichever name it sends it.

    Args:
        headers: Response headers, names in lower case or looked up regardless of case.
    """
    return next((headers[name] for name in _REQUEST_IDS if name in headers), None)


def _sent(response: Any) -> set[str]:
    """The credentials that were sent, also those that an SDK has found for itself."""
    return secrets_in(response.request.headers) if response is not None else set()


def _fits(kind: type[RactoGatewayError], status: int | None) -> bool:
    # A server that says 400 says whose fault it was, whatever the code is called.
    return status != 400 or not kind.default_retryable


def _is_status(code: Any) -> bool:
    text = str(code)
    return len(text) == 3 and text.isdecimal() and 400 <= int(text) <= 599


def _number(pattern: re.Pattern[str] | None, text: str) -> int | None:
    found = pattern.search(text) if pattern else None
    digits = found.group(1).replace(",", "") if found else ""
    # Longer ones are no number of tokens, and Python refuses to read thousands of digits.
    return int(digits) if 0 < len(digits) <= _MOST_DIGITS else None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies beneath it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _is_aiohttps(error: BaseException) -> bool:
    # By its origin, because importing the library to ask would load it for everyone.
    return type(error).__module__.partition(".")[0] == "aiohttp"


def _address(error: BaseException) -> str:
    """Where a call was going, without what the address may hold of secrets."""
    for cause in _causes(error):
        # Asked of an error without a request, the HTTP library raises.
        request = getattr(cause, "_request", None) or vars(cause).get("request")
        if request is not None:
            return f" to {request.url.scheme}://{request.url.netloc.decode('ascii')}"
    return ""


def _told(error: BaseException) -> str:
    return f"{error} ({_kind(error)})" if str(error) else _kind(error)


def _kind(error: BaseException) -> str:
    return type(error).__name__


def _end(text: str) -> str:
    return text if text.rstrip().endswith((".", "!", "?")) else f"{text.rstrip()}."
