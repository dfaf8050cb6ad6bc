"""Errors as the Interactions API tells them, whose codes are words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded

# As the API's page on errors lists them; a status without a word of its own keeps its name.
_WORDS = {
    "INVALID_ARGUMENT": "invalid_request",
    "UNAUTHENTICATED": "authentication",
    "NOT_FOUND": "model_not_found",
    "RESOURCE_EXHAUSTED": "rate_limit_exceeded",
    "INTERNAL": "api_error",
    "UNAVAILABLE": "service_unavailable",
}
_REASONS = {"API_KEY_INVALID": "authentication", "API_KEY_EXPIRED": "authentication"}


def reworded(body: Mapping[str, Any]) -> dict[str, Any]:
    """An error as this API tells it, whose code is a word.

    Args:
        body: The error as the other methods tell it.
    """
    told = body["error"]
    return {"error": {"code": _word(told), "message": told["message"]}}


def reworded_answer(answer: Outgoing) -> Outgoing:
    """An answer whose error, if it is Google's usual one, is told in this API's way.

    Args:
        answer: The answer.
    """
    if answer.status < HTTPStatus.BAD_REQUEST:
        return answer
    try:
        body = encoded(reworded(json.loads(answer.body)))
    except (ValueError, TypeError, KeyError, AttributeError):
        # A body of the test's own making goes out as it is.
        return answer
    return Outgoing(status=answer.status, headers=answer.headers, body=body, conduct=answer.conduct)


def _word(told: Mapping[str, Any]) -> str:
    details = [each for each in told.get("details", ()) if isinstance(each, Mapping)]
    for each in details:
        if each.get("reason") in _REASONS:
            return _REASONS[each["reason"]]
        # A quota of a day does not fill up while one waits, and has a code of its own.
        if any("PerDay" in str(one.get("quotaId")) for one in each.get("violations", ())):
            return "quota_exceeded"
    status = str(told["status"])
    return _WORDS.get(status, status.lower())
