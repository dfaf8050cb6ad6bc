"""What goes wrong at a provider, as one of racto's errors: whether to try again, and what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TypeVar

from racto.core.errors import (
    APIConnectionError,
    BadRequestError,
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

E = TypeVar("E", bound=RactoGatewayError)

_BY_STATUS: Mapping[int, type[RactoGatewayError]] = {
    400: BadRequestError,
    401: RactoGatewayAuthError,
    402: QuotaExhaustedError,
    403: PermissionDeniedError,
    404: NotFoundError,
    408: RactoGatewayTimeoutError,
    410: NotFoundError,
    413: BadRequestError,
    422: BadRequestError,
    429: RateLimitError,
    503: OverloadedError,
    504: RactoGatewayTimeoutError,
    529: OverloadedError,
}
# A spent quota comes as a 429, which waiting would not mend.
_SPENT = frozenset(
    {
        "insufficient_quota",
        "billing_hard_limit_reached",
        "billing_not_active",
        "billing_disabled",
        "exceeded_quota",
    }
)
_REQUEST_IDS = ("x-request-id", "x-goog-request-id", "x-guploader-uploadid")
_LONGEST = 2000
# Shorter ones are dummies, and words of any text.
_SHORTEST_SECRET = 8


class Translator:
    """Makes racto's errors of one provider's.

    Args:
        provider: Name of the provider in the errors.
        secrets: Keys and tokens, which some servers repeat in their messages.
        advice: What to do about an error of a class.
    """

    def __init__(
        self,
        provider: str,
        *,
        secrets: Collection[str] = (),
        advice: Mapping[type[RactoGatewayError], str] | None = None,
    ) -> None:
        self.provider = provider
        self._secrets = [one for one in secrets if len(one) >= _SHORTEST_SECRET]
        self._advice = advice or {}

    def refused(
        self,
        status: int,
        message: str,
        *,
        code: str = "",
        headers: Mapping[str, str] | None = None,
        advice: str = "",
    ) -> RactoGatewayError:
        """The error for an answer of status 400 or above.

        Args:
            status: HTTP status.
            message: The provider's words.
            code: Its code for the error.
            headers: Headers of the answer.
            advice: What to do; that for the class when empty.
        """
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        kind = self._kind(status, code)
        made = self._made(kind, f"answered {status}: {message or 'no message'}", advice)
        made.status_code = status
        made.retry_after = parse_retry_after(sent)
        made.request_id = next((sent[name] for name in _REQUEST_IDS if name in sent), None)
        # Of what is the caller's fault, only the pace can be mended by waiting.
        if status < 500 and kind not in (RateLimitError, RactoGatewayTimeoutError):
            made.retryable = False
        return made

    def unanswered(self, error: Exception) -> RactoGatewayError:
        """The error for a call that got no usable answer.

        Args:
            error: What the SDK, or the HTTP library below it, raised.
        """
        # By names, because the HTTP library belongs to the SDK, and is imported nowhere here.
        deepest = _deepest(error)
        told = f"{type(deepest).__name__}: {deepest}" if str(deepest) else type(deepest).__name__
        kinds = {one.__name__ for raised in (error, deepest) for one in type(raised).__mro__}
        if kinds & {"TimeoutException", "Timeout", "TimeoutError", "APITimeoutError"}:
            return self._made(RactoGatewayTimeoutError, f"no answer in time ({told})")
        if kinds & {"RequestError", "APIConnectionError", "OSError"}:
            return self._made(APIConnectionError, f"the connection failed ({told})")
        if isinstance(error, ValueError):
            return self.malformed(told)
        return self._made(RactoGatewayAPIError, told)

    def malformed(self, why: str) -> InvalidResponseError:
        """The error for an answer that the protocol does not allow."""
        return self._made(InvalidResponseError, f"the answer cannot be read: {why}")

    def cause(self, error: Exception) -> Exception | None:
        """What to raise a translated error from: the original, unless it shows a secret."""
        return error if self._cleaned(repr(error)) == repr(error) else None

    def _kind(self, status: int, code: str) -> type[RactoGatewayError]:
        if code.lower() in _SPENT:
            return QuotaExhaustedError
        if status in _BY_STATUS:
            return _BY_STATUS[status]
        return ServerError if status >= 500 else RactoGatewayAPIError

    def _made(self, kind: type[E], text: str, advice: str = "") -> E:
        # Cut, because some servers quote the whole request, and a log is no place for it.
        words = self._cleaned(text)[:_LONGEST].rstrip()
        ending = "" if words.endswith((".", "!", "?")) else "."
        what = advice or self._advice.get(kind, "")
        return kind(
            f"{self.provider}: {words}{ending}{f' {what}' if what else ''}", provider=self.provider
        )

    def _cleaned(self, text: str) -> str:
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text


def _deepest(error: BaseException) -> BaseException:
    """What lies beneath: SDKs say "Connection error." of everything."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error
