"""What the model says, as the chunks of a stream."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from racto.testing.payloads import encoded
from racto.testing.replies import Reply

from .calls import argument_parts
from .failures import status_body
from .rendering import Question, Said, envelope, logprobs_fields, usage_metadata


def chunks(reply: Reply, question: Question, heard: Said) -> Iterator[dict[str, Any]]:
    """The chunks of a stream; only the last one has a finish reason.

    The output that usage tells grows from chunk to chunk to the whole.

    Args:
        reply: What the model says.
        question: What was asked.
        heard: The same in the API's terms, in pieces.
    """
    frame = envelope(reply, question)
    parts = [*heard.thoughts, *heard.words, *_calls(heard.calls, question)]
    tokens = _spread(reply, len(heard.thoughts), len(heard.words))
    for number, part in enumerate(parts):
        candidate = {"content": {"parts": [part], "role": "model"}, "index": 0}
        candidate |= logprobs_fields(tokens.get(number, ()), question)
        yield _chunk(candidate, reply, frame, (number + 1) / (len(parts) + 1))
    # A stream that fails has sent its status 200 long ago: the error is its last chunk.
    if reply.failure_after is not None:
        yield status_body(reply.failure_after, question.model)
        return
    # The real API ends most streams with an empty piece of text.
    last = {"content": {"parts": [{"text": ""}], "role": "model"}} if parts else {}
    ending = {**last, **heard.ending, **logprobs_fields(tokens.get(-1, ()), question), "index": 0}
    yield _chunk(ending, reply, frame, 1.0)


def json_array(items: Iterable[Any]) -> Iterator[bytes]:
    """The chunks as one array, which is what a stream is without ``alt=sse``.

    Args:
        items: The chunks; text is sent as it is, all else as JSON.
    """
    opening = b"["
    for item in items:
        yield opening + (item.encode() if isinstance(item, str) else encoded(item))
        opening = b",\r\n"
    yield b"]" if opening == b",\r\n" else b"[]"


def _chunk(
    candidate: Mapping[str, Any], reply: Reply, frame: Mapping[str, Any], part: float
) -> dict[str, Any]:
    usage = {} if reply.usage is None else {"usageMetadata": usage_metadata(reply.usage, part)}
    return {"candidates": [candidate], **usage, **frame}


def _calls(calls: Sequence[dict[str, Any]], question: Question) -> Iterator[dict[str, Any]]:
    for call in calls:
        if question.fragments:
            yield from argument_parts(call)
        else:
            yield call


def _spread(reply: Reply, before: int, words: int) -> dict[int, Sequence[Any]]:
    """The tokens' probabilities by the number of the chunk; -1 is the last one."""
    if not reply.logprobs:
        return {}
    if len(reply.logprobs) != words:
        # Tokens that are not one to a piece belong to no chunk in particular.
        return {-1: reply.logprobs}
    return {before + number: (token,) for number, token in enumerate(reply.logprobs)}
