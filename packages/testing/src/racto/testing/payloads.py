"""Answers as bytes: JSON, events and lines, and what a reply or a failure brings of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from .exchange import Outgoing
from .replies import Failure, Reply

# Made once: json.dumps would make an encoder for each event of a stream.
_write = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encoded(value: Any) -> bytes:
    """A value as JSON; bytes as they are."""
    if isinstance(value, bytes):
        return value
    try:
        return _write(value).encode()
    except UnicodeEncodeError:
        # Half of a surrogate pair, which only an escape can tell.
        return json.dumps(value, separators=(",", ":")).encode()


def event(data: Any) -> bytes:
    """A server-sent event; text is sent as it is, all else as JSON."""
    return b"data: %b\n\n" % (data.encode() if isinstance(data, str) else encoded(data))


def line(data: Any) -> bytes:
    """A line of newline-delimited JSON; text is sent as it is, all else as JSON."""
    return b"%b\n" % (data.encode() if isinstance(data, str) else encoded(data))


def whole(reply: Reply, render: Callable[[], Any]) -> Outgoing:
    """A whole answer.

    Args:
        reply: Gives headers, conduct, and perhaps the body.
        render: Makes the body that the reply does not bring.

    Raises:
        ValueError: If the reply is nothing but events, which is the test's own mistake.
    """
    if reply.body is None and reply.events is not None:
        raise ValueError("the reply has events, but the request asked for no stream: add a body")
    body = render() if reply.body is None else reply.body
    return Outgoing(headers=reply.headers, body=encoded(body), conduct=reply.conduct)


def streamed(
    reply: Reply,
    events: Iterable[bytes],
    *,
    pack: Callable[[Any], bytes] = event,
    headers: Mapping[str, str] | None = None,
) -> Outgoing:
    """A streamed answer; one whole body where the reply brings that, and no events.

    Args:
        reply: Gives headers, conduct, and perhaps the events.
        events: The events when the reply does not bring them.
        pack: Encodes the data of one event.
        headers: The protocol's own headers; the reply's win.
    """
    if reply.body is not None and reply.events is None:
        kept = {name: value for name, value in (headers or {}).items() if name != "content-type"}
        answer = whole(reply, dict)
        return replace(answer, headers={**kept, **answer.headers})
    own = events if reply.events is None else map(pack, reply.events)
    return Outgoing(headers={**(headers or {}), **reply.headers}, events=own, conduct=reply.conduct)


def failed(failure: Failure, *, status: int, body: Any, headers: Mapping[str, str]) -> Outgoing:
    """The answer to a failure, which may bring another status and body and more headers.

    Args:
        failure: What goes wrong.
        status: The provider's status for it.
        body: The provider's words for it.
        headers: The provider's headers for it.
    """
    return Outgoing(
        status=failure.status or status,
        headers={**headers, **failure.headers},
        body=encoded(body if failure.body is None else failure.body),
        conduct=failure.conduct,
    )


def retry_header(failure: Failure) -> dict[str, str]:
    """The ``Retry-After`` of a failure: seconds, or a date; empty when it tells none."""
    told = failure.retry_after
    if told is None:
        return {}
    if isinstance(told, datetime):
        # A date without a zone is the caller's own time.
        return {"retry-after": format_datetime(told.astimezone(UTC), usegmt=True)}
    return {"retry-after": f"{told:g}"}


def retry_seconds(failure: Failure) -> float | None:
    """Seconds to wait, at least 0; a date is counted from now."""
    told = failure.retry_after
    if isinstance(told, datetime):
        return max(0.0, told.timestamp() - datetime.now(UTC).timestamp())
    return told
