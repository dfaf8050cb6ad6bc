"""Replies as Anthropic's stream of events: one block after the other, each in pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeAlias

from racto.testing.payloads import encoded

from .failures import error_body
from .rendering import Told, tool_blocks

_Delta: TypeAlias = tuple[str, str, Any]
"""A piece of a block: the delta's type, the field that carries it, and its value."""

# Short enough to cut within a key, a number or an escape of the arguments.
_FRAGMENT = 12
_TYPE = re.compile(r'"type"\s*:\s*"(\w+)"')


def event(data: Any) -> bytes:
    """Encode one event.

    Args:
        data: Its JSON; text is sent as it is, under the name that stands in it as ``type``.
    """
    if isinstance(data, str):
        found = _TYPE.search(data)
        name, text = found.group(1) if found else "message", data.encode()
    else:
        name = str(data.get("type", "message")) if isinstance(data, Mapping) else "message"
        text = encoded(data)
    return b"event: %b\ndata: %b\n\n" % (name.encode(), text)


def events(told: Told, *, request_id: str) -> Iterator[bytes]:
    """The events of a reply, each made when it is its turn.

    Args:
        told: The reply.
        request_id: Id of the request, for an error in mid-stream.
    """
    yield event({"type": "message_start", "message": told.head()})
    last = -1
    for last, (block, deltas) in enumerate(_blocks(told)):
        if last:
            yield _stopped(last - 1)
        yield event({"type": "content_block_start", "index": last, "content_block": block})
        # The real API pings here once, and then whenever nothing comes for a while.
        if not last:
            yield _PING
        yield from _deltas(last, deltas)
    failure = told.reply.failure_after
    if failure is not None:
        # The block that was being told stays open, as when the real API breaks down.
        yield event(error_body(failure, request_id=request_id))
        return
    if last >= 0:
        yield _stopped(last)
    usage = told.usage()
    ending: dict[str, Any] = {"type": "message_delta", "delta": told.ending()}
    yield event(ending if usage is None else {**ending, "usage": usage})
    yield _END


_PING = event({"type": "ping"})
_END = event({"type": "message_stop"})


def _blocks(told: Told) -> Iterator[tuple[dict[str, Any], Iterable[_Delta]]]:
    """Each block as it begins, with what is still to come."""
    reply = told.reply
    if told.is_silent:
        return
    if (thinking := told.thinking) is not None:
        signature = told.seals.seal(thinking, given=reply.signature)
        # Omitted thinking has a signature and nothing before it.
        shown = reply.thoughts if thinking else ()
        deltas = [("thinking_delta", "thinking", piece) for piece in shown]
        begun = {"type": "thinking", "thinking": "", "signature": ""}
        yield begun, (*deltas, ("signature_delta", "signature", signature))
    for data in reply.redacted_thinking:
        told.seals.hold(data)
        yield {"type": "redacted_thinking", "data": data}, ()
    if reply.whole_text:
        cited = [("citations_delta", "citation", dict(one)) for one in reply.citations]
        words = (("text_delta", "text", piece) for piece in reply.pieces)
        yield {"type": "text", "text": "", "citations": [] if cited else None}, chain(words, cited)
    for call, arguments in tool_blocks(told):
        # The first fragment is empty at the real API, too: who parses each alone is found out.
        pieces = ("", *_fragments(arguments))
        yield call, [("input_json_delta", "partial_json", piece) for piece in pieces]


def _deltas(index: int, deltas: Iterable[_Delta]) -> Iterator[bytes]:
    # Written by hand but for what differs: this runs once for each piece of a stream.
    start = (
        b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":'
        % index
    )
    for kind, field, value in deltas:
        yield b'%b{"type":"%b","%b":%b}}\n\n' % (
            start,
            kind.encode(),
            field.encode(),
            encoded(value),
        )


def _stopped(index: int) -> bytes:
    return event({"type": "content_block_stop", "index": index})


def _fragments(text: str) -> Iterator[str]:
    return (text[start : start + _FRAGMENT] for start in range(0, len(text), _FRAGMENT))
