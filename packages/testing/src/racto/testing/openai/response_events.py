"""A response as the events of a stream, each made when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from typing import Any, TypeAlias

from racto.testing.payloads import encoded
from racto.testing.replies import Failure

from .failures import error_code, error_object
from .response_rendering import Answer
from .saying import fragments, spread

Event: TypeAlias = dict[str, Any]
"""The data of an event but for its number, which it gets when it is sent."""

# How a tool's input is called in events, by the kind of its item.
_INPUTS = {
    "function_call": ("response.function_call_arguments", "arguments"),
    "custom_tool_call": ("response.custom_tool_call_input", "input"),
}


def events(answer: Answer) -> Iterator[bytes]:
    """The events of a stream, numbered."""
    for number, event in enumerate(_all(answer)):
        kind = event["type"].encode()
        yield b"event: %b\ndata: %b\n\n" % (kind, encoded({**event, "sequence_number": number}))


def _all(answer: Answer) -> Iterator[Event]:
    beginning = answer.beginning()
    yield {"type": "response.created", "response": beginning}
    yield {"type": "response.in_progress", "response": beginning}
    # Thoughts and words come item by item; the calls after them arrive side by side.
    calls = []
    for place, item in enumerate(answer.items):
        if item["type"] == "reasoning":
            yield from _whole_item(item, place, _summary(answer))
        elif item["type"] == "message":
            yield from _whole_item(item, place, _content(answer, item))
        else:
            calls.append((place, item))
    yield from _calls(calls)
    failure = answer.reply.failure_after
    yield from _failed(answer, failure) if failure is not None else _ended(answer)


def _ended(answer: Answer) -> Iterator[Event]:
    body = answer.body()
    ending = {"incomplete": "incomplete", "failed": "failed"}.get(body["status"], "completed")
    yield {"type": f"response.{ending}", "response": body}


def _failed(answer: Answer, failure: Failure) -> Iterator[Event]:
    told = error_object(failure, place="input")
    code = error_code(failure)
    # The API tells it twice: as an event, and as the end of the response.
    yield {"type": "error", "code": code, "message": told["message"], "param": told["param"]}
    error = {"code": code, "message": told["message"]}
    yield {
        "type": "response.failed",
        "response": {**answer.beginning(), "status": "failed", "error": error},
    }


def _whole_item(item: Event, place: int, inner: Iterable[Event]) -> Iterator[Event]:
    yield {"type": "response.output_item.added", "output_index": place, "item": _opened(item)}
    for event in inner:
        yield {**event, "item_id": item["id"], "output_index": place}
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def _opened(item: Event) -> Event:
    """An item before anything is in it."""
    # What an item begins with has to be empty, or a client would count it twice.
    empty: Event = {"reasoning": {"summary": []}, "message": {"content": []}}.get(item["type"], {})
    if item["type"] in _INPUTS:
        empty = {_INPUTS[item["type"]][1]: ""}
    status = {"status": "in_progress"} if "status" in item else {}
    return {**item, **empty, **status}


def _summary(answer: Answer) -> Iterator[Event]:
    for number, text in enumerate(answer.summary):
        prefix, place = "response.reasoning_summary", {"summary_index": number}
        empty, full = ({"type": "summary_text", "text": words} for words in ("", text))
        yield {"type": f"{prefix}_part.added", **place, "part": empty}
        for piece in answer.reply.thoughts:
            yield {"type": f"{prefix}_text.delta", **place, "delta": piece}
        yield {"type": f"{prefix}_text.done", **place, "text": text}
        yield {"type": f"{prefix}_part.done", **place, "part": full}


def _content(answer: Answer, message: Event) -> Iterator[Event]:
    for number, part in enumerate(message["content"]):
        place = {"content_index": number}
        if part["type"] == "refusal":
            yield {"type": "response.content_part.added", **place, "part": {**part, "refusal": ""}}
            for piece in fragments(part["refusal"]):
                yield {"type": "response.refusal.delta", **place, "delta": piece}
            yield {"type": "response.refusal.done", **place, "refusal": part["refusal"]}
        else:
            empty = {**part, "text": "", "annotations": [], "logprobs": []}
            yield {"type": "response.content_part.added", **place, "part": empty}
            yield from ({**event, **place} for event in _text(answer, part))
        yield {"type": "response.content_part.done", **place, "part": part}


def _text(answer: Answer, part: Event) -> Iterator[Event]:
    pieces = answer.reply.pieces
    for piece, tokens in zip(pieces, spread(answer.reply.logprobs, pieces), strict=True):
        logprobs = answer.logprobs(tokens)
        yield {"type": "response.output_text.delta", "delta": piece, "logprobs": logprobs}
    for number, annotation in enumerate(part["annotations"]):
        kind = "response.output_text.annotation.added"
        yield {"type": kind, "annotation_index": number, "annotation": annotation}
    logprobs = part["logprobs"]
    yield {"type": "response.output_text.done", "text": part["text"], "logprobs": logprobs}


def _calls(calls: list[tuple[int, Event]]) -> Iterator[Event]:
    """The calls: all begin, their inputs arrive in turns, and each ends by itself."""
    for place, item in calls:
        yield {"type": "response.output_item.added", "output_index": place, "item": _opened(item)}
    parts = (
        [(place, item, piece) for piece in fragments(item[_INPUTS[item["type"]][1]])]
        for place, item in calls
    )
    for part in chain(*zip_longest(*parts)):
        if part is not None:
            place, item, piece = part
            kind = f"{_INPUTS[item['type']][0]}.delta"
            yield {"type": kind, "item_id": item["id"], "output_index": place, "delta": piece}
    for place, item in calls:
        prefix, field = _INPUTS[item["type"]]
        own = {"item_id": item["id"], "output_index": place, field: item[field]}
        yield {"type": f"{prefix}.done", **own}
        yield {"type": "response.output_item.done", "output_index": place, "item": item}
