"""JSON objects that a provider sent: loaded, or told as an error of racto's."""

from __future__ import annotations

import json
from typing import Any

from racto.core.errors import InvalidResponseError
from racto.providers.kits.wires import WireReply

from .failures import Translator

SHAPE_ERRORS = (
    AttributeError,
    LookupError,
    OverflowError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading raises when JSON has another shape than the protocol's."""


def load_reply(reply: WireReply, translator: Translator) -> dict[str, Any]:
    """The object in the body of a whole reply.

    Raises:
        InvalidResponseError: If the body is no JSON object.
        RactoGatewayError: If it reports an error, as some proxies do with status 200.
    """
    return _loaded(reply.body, "the reply", translator, reply.request_id)


def load_event(event: str, translator: Translator, request_id: str | None) -> dict[str, Any]:
    """The object in one event of a stream.

    Raises:
        InvalidResponseError: If the event is no JSON object.
        RactoGatewayError: If it reports an error, whatever the HTTP status was.
    """
    return _loaded(event, "an event of the stream", translator, request_id)


def misshapen(
    error: Exception, event: str, translator: Translator, request_id: str | None
) -> InvalidResponseError:
    """The error for an event that is JSON of another shape than the protocol's."""
    return translator.invalid(
        f"the stream holds an event of another shape ({error!r})",
        body=_bytes(event),
        request_id=request_id,
    )


def _loaded(
    text: str | bytes, what: str, translator: Translator, request_id: str | None
) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        why = f"{what} is not JSON ({error})"
        raise translator.invalid(why, body=_bytes(text), request_id=request_id) from error
    reported = translator.error_of(data)
    if reported:
        raise translator.reported(reported, request_id=request_id)
    if not isinstance(data, dict):
        why = f"{what} is not a JSON object"
        raise translator.invalid(why, body=_bytes(text), request_id=request_id)
    return data


def _bytes(text: str | bytes) -> bytes:
    return text.encode("utf-8", "replace") if isinstance(text, str) else text
