"""A chat completion as the chunks of a stream, each made when it is due."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, zip_longest
from typing import Any, TypeAlias

from racto.testing.payloads import encoded, event

from .chat_rendering import Completion
from .failures import error_object
from .saying import fragments, spread

_DONE = b"data: [DONE]\n\n"

Change: TypeAlias = dict[str, Any]
"""What a chunk tells of its choice: the delta, and what else is not null."""


def chunks(completion: Completion) -> Iterator[bytes]:
    """The events of a stream."""
    request, reply, quirks = completion.request, completion.reply, completion.quirks
    head = completion.head("chat.completion.chunk")
    options = request.stream_options
    usage = completion.usage() if options is not None and options.include_usage else {}
    if usage:
        head["usage"] = None
    # Only the choice differs from chunk to chunk, so the rest is encoded once.
    opening = b'data: %b,"choices":[' % encoded(head)[:-1]
    for number in range(request.n or 1):
        for change in _changes(completion):
            choice = {"index": number, "logprobs": None, "finish_reason": None, **change}
            yield b"%b%b]}\n\n" % (opening, encoded(choice))
    if reply.failure_after is not None:
        # The API says no [DONE] after an error: a client that waits for it must notice.
        yield event({"error": error_object(reply.failure_after, place="messages")})
        return
    if usage:
        yield event({**head, "choices": [], **usage})
    if not quirks.no_done:
        yield _DONE


def _changes(completion: Completion) -> Iterator[Change]:
    reply, quirks = completion.reply, completion.quirks
    # OpenAI opens every stream with the role and no words.
    yield {"delta": {"role": "assistant", "content": "", "refusal": None}}
    if quirks.reasoning_content:
        for thought in reply.thoughts:
            yield {"delta": {"reasoning_content": thought}}
    yield from _words(completion)
    for words in fragments(reply.refusal or ""):
        yield {"delta": {"refusal": words}}
    for part in _call_parts(completion):
        yield {"delta": {"tool_calls": [part]}}
    # The reason comes in a chunk of its own, after the last word.
    if reply.failure_after is None and not quirks.no_finish_reason:
        yield {"delta": {}, "finish_reason": completion.finish}


def _words(completion: Completion) -> Iterator[Change]:
    reply = completion.reply
    # The way of nearly all streams, kept free of work that only log-probabilities need.
    if not completion.request.logprobs:
        for piece in reply.pieces:
            yield {"delta": {"content": piece}}
        return
    tokens = spread(reply.logprobs, reply.pieces)
    for piece, own in zip(reply.pieces, tokens, strict=True):
        yield {"delta": {"content": piece}, "logprobs": completion.logprobs(own)}


def _call_parts(completion: Completion) -> Iterator[dict[str, Any]]:
    """The calls in pieces: all names, then the arguments of parallel calls in turns."""
    quirks = completion.quirks
    calls = [
        _parts(call, {} if quirks.no_index else {"index": number}, whole=quirks.whole_calls)
        for number, call in enumerate(completion.calls())
    ]
    # Without an index nobody could tell apart what comes in turns.
    turns = chain(*calls) if quirks.no_index else chain(*zip_longest(*calls))
    return (part for part in turns if part is not None)


def _parts(call: dict[str, Any], place: dict[str, int], *, whole: bool) -> list[dict[str, Any]]:
    if whole:
        return [{**place, **call}]
    kind = call["type"]
    field = "input" if kind == "custom" else "arguments"
    # The first part alone has the id and the name; the arguments begin empty.
    opening = {**place, **call, kind: {**call[kind], field: ""}}
    rest = [{**place, kind: {field: part}} for part in fragments(call[kind][field])]
    return [opening, *rest]
