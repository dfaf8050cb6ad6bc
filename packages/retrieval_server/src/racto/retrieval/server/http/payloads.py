"""Payloads: bodies read within limits, and the fields that a server itself looks at."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

import orjson

from racto.retrieval.server.errors import InvalidRequestError

from .replies import RefusedError

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:-]{1,64}")
_CONTAINERS = frozenset({dict, list})
# Names of parameters of the engines' methods: as options they would clash.
_RESERVED = frozenset({"self", "queries", "subsets", "candidate_length", "batch_scores"})


def object_from(body: bytes, *, max_depth: int) -> dict[str, Any]:
    """Read a body as one JSON object.

    Args:
        body: The body.
        max_depth: How deep objects and lists may be nested.

    Raises:
        InvalidRequestError: If it is no JSON, no object, or nested deeper.
    """
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidRequestError(f"the body is no JSON: {_where(error)}") from error
    # Counting brackets is enough for nearly all bodies, and runs at the speed of memory.
    if body.count(b"{") + body.count(b"[") > max_depth and _is_deeper(data, max_depth):
        raise InvalidRequestError(f"the body is nested deeper than {max_depth}")
    if not isinstance(data, dict):
        raise InvalidRequestError("the body must be a JSON object")
    return data


def text_of(data: Mapping[str, Any], field: str) -> str:
    """A field that must be a text.

    Args:
        data: The request.
        field: The field's name.

    Raises:
        InvalidRequestError: If it is missing or no text.
    """
    value = data.get(field)
    if not isinstance(value, str) or not value:
        kind = "missing" if value is None else f"of type {type(value).__name__}"
        if value == "":
            kind = "empty"
        raise InvalidRequestError(f"{field} must be a text, and is {kind}", field=field)
    return value


def item_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a service gets of a request: all of it but the service's name.

    Args:
        data: The request.

    Raises:
        InvalidRequestError: If an option has the name of a parameter of the engines' methods.
    """
    check_options(data)
    return {name: value for name, value in data.items() if name != "service"}


def check_options(options: Mapping[str, Any], place: str = "") -> None:
    """Refuse options that would clash with parameters of the engines' methods.

    Args:
        options: The options.
        place: What stands before their names in the message.

    Raises:
        InvalidRequestError: If there is one.
    """
    if not _RESERVED.isdisjoint(options):
        name = place + min(_RESERVED.intersection(options))
        raise InvalidRequestError(f"{name} cannot be an option of a request", field=name)


def seconds_from(header: bytes | None, most: float) -> float:
    """How many seconds a request may take.

    Args:
        header: ``X-Request-Timeout`` as it came.
        most: The most that the server allows, and what counts without the header.

    Raises:
        InvalidRequestError: If it is no number above 0.
    """
    if header is None:
        return most
    try:
        seconds = float(header)
    except ValueError:
        seconds = 0.0
    # NaN is not above 0 either.
    if not seconds > 0:
        raise InvalidRequestError("X-Request-Timeout must be a number of seconds above 0")
    return min(seconds, most)


def request_id_from(header: bytes | None) -> str:
    """The client's own id where it is short and plain, else a new one.

    Args:
        header: ``X-Request-Id`` as it came.
    """
    # What is echoed and logged must not be able to break a header or a line.
    if header is not None and _REQUEST_ID.fullmatch(header):
        return header.decode("ascii")
    return secrets.token_hex(8)


def check_media_type(header: bytes | None) -> None:
    """Let only JSON pass: a page of another origin cannot send it without being allowed to.

    Args:
        header: ``Content-Type`` as it came.

    Raises:
        RefusedError: With 415, if it is another one or none.
    """
    kind = (header or b"").partition(b";")[0].strip().lower()
    if kind != b"application/json":
        raise RefusedError("send JSON with Content-Type: application/json", status=415)


def _is_deeper(data: Any, most: int) -> bool:
    level = [data] if type(data) in _CONTAINERS else []
    for _ in range(most):
        inner: list[Any] = []
        for value in level:
            values = value.values() if isinstance(value, dict) else value
            # Lists of texts and rankings are told from nested ones without a look at each entry.
            if not _CONTAINERS.isdisjoint(map(type, values)):
                inner.extend(entry for entry in values if type(entry) in _CONTAINERS)
        if not inner:
            return False
        level = inner
    return True


def _where(error: orjson.JSONDecodeError) -> str:
    return f"{error.msg.partition(':')[0]} (line {error.lineno}, column {error.colno})"
