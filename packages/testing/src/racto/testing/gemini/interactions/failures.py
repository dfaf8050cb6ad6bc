"""Errors as the Interactions API tells them, whose codes are words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from racto.testing.exchange import Outgoing
from racto.testing.payloads import encoded


def reworded(body: Mapping[str, Any]) -> dict[str, Any]:
    """An error as this API tells it, whose code is a word.

    Args:
        body: The error as the other methods tell it.
    """
    told = body["error"]
    return {"error": {"code": told["status"].lower(), "message": told["message"]}}


def reworded_answer(answer: Outgoing) -> Outgoing:
    """An answer whose error, if it is Google's usual one, is told in this API's way.

    Args:
        answer: The answer.
    """
    if answer.status < HTTPStatus.BAD_REQUEST:
        return answer
    try:
        body = encoded(reworded(json.loads(answer.body)))
    except (ValueError, TypeError, KeyError):
        # A body of the test's own making goes out as it is.
        return answer
    return Outgoing(status=answer.status, headers=answer.headers, body=body, conduct=answer.conduct)
