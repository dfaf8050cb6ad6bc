"""The words in which Google tells its errors: ``google.rpc.Status`` with typed details."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from racto.core.errors import (
    BadRequestError,
    ContentFilterError,
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
from racto.providers.connections.failures import Translator, Vocabulary

_USED_UP = "quota used up"
_BLOCKED = "prompt blocked"

GOOGLE_VOCABULARY = Vocabulary(
    telling={
        _USED_UP: QuotaExhaustedError,
        _BLOCKED: ContentFilterError,
        "billing_disabled": QuotaExhaustedError,
        "quota_exceeded": QuotaExhaustedError,
        "payment_required": QuotaExhaustedError,
        "model_capacity_exhausted": OverloadedError,
        # A wrong key is a 400 here, INVALID_ARGUMENT like any wrong field.
        "api_key_invalid": RactoGatewayAuthError,
        "api_key_expired": RactoGatewayAuthError,
    },
    codes={
        "invalid_argument": BadRequestError,
        "failed_precondition": BadRequestError,
        "out_of_range": BadRequestError,
        "unauthenticated": RactoGatewayAuthError,
        "permission_denied": PermissionDeniedError,
        "not_found": NotFoundError,
        "resource_exhausted": RateLimitError,
        "cancelled": RactoGatewayAPIError,
        "deadline_exceeded": RactoGatewayTimeoutError,
        "unavailable": OverloadedError,
        "internal": ServerError,
        "unknown": ServerError,
        # The newer protocol has words of its own.
        "invalid_request": BadRequestError,
        "parameter_unknown": BadRequestError,
        "authentication": RactoGatewayAuthError,
        "model_not_found": NotFoundError,
        "rate_limit_exceeded": RateLimitError,
        "too_many_requests": RateLimitError,
        "api_error": ServerError,
        "service_unavailable": OverloadedError,
    },
    # "The input token count (N) exceeds the maximum number of tokens allowed (M)."
    limit=re.compile(r"(?:tokens allowed|supports up to)\D{0,20}([\d,]*)", re.IGNORECASE),
    count=re.compile(r"input token count\D{0,10}([\d,]+)", re.IGNORECASE),
    key_advice=(
        "Check api_key=, GOOGLE_API_KEY or GEMINI_API_KEY; the latter two are sent to Google's own "
        "servers alone."
    ),
)

_WAIT = re.compile(r"retry in ([\d.]+m?s)")

# What the details say elsewhere, for replies that come without any.
_MEANINGS = {
    re.compile(r"API key (?:not valid|not found|expired)", re.IGNORECASE): "api_key_invalid",
    re.compile(r"prompt (?:was|is|has been) blocked", re.IGNORECASE): _BLOCKED,
}

# Every 429 of the free tier speaks of "plan and billing", so these words do not count.
_BROKE = re.compile(
    r"credits? (?:are|is|has been|have been) (?:depleted|exhausted)|spend(?:ing)? (?:cap|limit)",
    re.I,
)


class GoogleTranslator(Translator):
    """Turns Google's errors into racto's."""

    def error_of(self, data: Any) -> Any:
        """The error object in a decoded body, which may be a list of one."""
        only = data[0] if isinstance(data, list) and len(data) == 1 else data
        return super().error_of(only)

    def words(self, facts: Mapping[str, Any]) -> set[str]:
        """The status, the reasons of the details, and whether a quota is used up for long."""
        # The newer protocol tells the status in words under the name of the number.
        found = {str(facts.get(name)).lower() for name in ("status", "code")}
        found |= {str(each.get("reason")).lower() for each in _details(facts)}
        if _is_used_up(facts):
            found.add(_USED_UP)
        return found

    def meanings(self, message: str) -> set[str]:
        """What the details say elsewhere."""
        return {word for meant, word in _MEANINGS.items() if meant.search(message)}

    def wait_in(self, facts: Mapping[str, Any]) -> float | None:
        """Seconds to wait, as ``RetryInfo`` tells them, or else the words."""
        for each in _details(facts, "RetryInfo"):
            delay = each.get("retryDelay")
            if isinstance(delay, str):
                return parse_retry_after(delay)
        told = _WAIT.search(self.message(facts))
        return parse_retry_after(told[1]) if told else None

    def advice(self, kind: type[RactoGatewayError], message: str) -> str | None:
        """What to do about an error."""
        if kind is QuotaExhaustedError:
            return (
                "Quotas of a day begin anew at midnight Pacific time; for more, change the plan "
                "and billing of the project."
            )
        return super().advice(kind, message)


def _details(facts: Mapping[str, Any], kind: str = "") -> Iterator[Mapping[str, Any]]:
    """The details, all or those of one type."""
    found = facts.get("details")
    for each in found if isinstance(found, list) else ():
        if isinstance(each, Mapping) and str(each.get("@type", "")).endswith(kind):
            yield each


def _is_used_up(facts: Mapping[str, Any]) -> bool:
    """Whether waiting helps: a quota of a minute fills up again, one of a day or of zero does not."""
    if _BROKE.search(str(facts.get("message"))):
        return True
    for detail in _details(facts, "QuotaFailure"):
        violations = detail.get("violations")
        for each in violations if isinstance(violations, list) else ():
            if not isinstance(each, Mapping):
                continue
            named = f"{each.get('quotaId')} {each.get('quotaMetric')}".lower()
            if "perday" in named or "per_day" in named or each.get("quotaValue") in ("0", 0):
                return True
    return False
