"""The rules of a conversation: who may speak after whom, and which calls must be answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from .parts import DATA_FIELDS

_ENSURE = "Please ensure that"
_ROLES = ("user", "model", "function", "tool")


def part_faults(content: Mapping[str, Any], at: str) -> Iterator[str]:
    """What a turn's parts lack, in Google's words.

    Args:
        content: The turn, as it was read.
        at: Its place in the request.
    """
    if not content.get("parts"):
        yield f"{at}.parts: contents.parts must not be empty."
    for number, part in enumerate(content.get("parts", ())):
        place = f"{at}.parts[{number}]"
        if not part.keys() & DATA_FIELDS:
            yield f"{place}.data: required oneof field 'data' must have one initialized field"
        for field, path in (
            ("functionCall", "function_call"),
            ("functionResponse", "function_response"),
        ):
            if field in part and not part[field].get("name"):
                yield f"{place}.{path}.name: Name cannot be empty."
        if "inlineData" in part:
            for name in ("mime_type", "data"):
                if not part["inlineData"].get("mimeType" if name == "mime_type" else name):
                    yield f"{place}.inline_data.{name}: must not be empty"
        if "fileData" in part and not part["fileData"].get("fileUri"):
            yield f"{place}.file_data.file_uri: must not be empty"


def turn_fault(contents: Sequence[Mapping[str, Any]]) -> str | None:
    """The first rule that a conversation breaks, in Google's words; None when it breaks none.

    Turns of one role in a row are one turn: a client may send the pieces of a stream as they came.

    Args:
        contents: The conversation, as it was read.
    """
    if any(content.get("role") not in (None, "", *_ROLES) for content in contents):
        return "Please use a valid role: user, model."
    waiting: list[Mapping[str, Any]] = []
    for number, (is_model, turn) in enumerate(groupby(contents, _is_model)):
        parts = [part for content in turn for part in content.get("parts", ())]
        calls = [part["functionCall"] for part in parts if "functionCall" in part]
        answers = [part["functionResponse"] for part in parts if "functionResponse" in part]
        if fault := _answer_fault(waiting, answers):
            return fault
        if calls and (not is_model or number == 0):
            return (
                f"{_ENSURE} function call turn comes immediately after a user turn or after a"
                " function response turn."
            )
        waiting = calls
    if not _is_model(contents[-1]):
        return None
    if len(contents) == 1:
        return f"{_ENSURE} single turn requests end with a user role or the role field is empty."
    return f"{_ENSURE} multiturn requests end with a user role or a function response."


def _is_model(content: Mapping[str, Any]) -> bool:
    return content.get("role") == "model"


def _answer_fault(
    calls: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]
) -> str | None:
    if answers and not calls:
        return f"{_ENSURE} function response turn comes immediately after a function call turn."
    if len(answers) != len(calls):
        return (
            f"{_ENSURE} the number of function response parts is equal to the number of function"
            " call parts of the function call turn."
        )
    if not _same(calls, answers, "name"):
        return f"{_ENSURE} each function response part has the name of a function call part."
    # An id is given back or left out, by all answers or by none.
    if any("id" in each for each in answers) and not _same(calls, answers, "id"):
        return f"{_ENSURE} each function response part has the id of a function call part."
    return None


def _same(
    calls: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]], field: str
) -> bool:
    return Counter(each.get(field) for each in calls) == Counter(
        each.get(field) for each in answers
    )
