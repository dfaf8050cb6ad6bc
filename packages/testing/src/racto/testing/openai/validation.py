"""Requests read as OpenAI reads them: the first fault refuses, named by its place in the body."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from racto.testing.exchange import Incoming
from racto.testing.refusals import Refusal

from .failures import refusal
from .wording import fault_of, is_of_type

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]


def read(model: type[M], request: Incoming, *, any_field: bool = False, classic: bool = False) -> M:
    """Read the body of a request.

    Args:
        model: What the body should be.
        request: The request.
        any_field: Ignore unknown fields.
        classic: Word an unknown argument as the older endpoints do.

    Raises:
        Refusal: If the API would not take it.
    """
    try:
        return model.model_validate_json(request.body)
    except ValidationError as error:
        found = error.errors(include_url=False)
    data = request.json
    if found[0]["type"] == "json_invalid" or not isinstance(data, dict):
        raise refusal(
            "We could not parse the JSON body of your request. The OpenAI API expects a JSON"
            " payload, but what was sent was not valid JSON."
        )
    unknown = [fault for fault in found if fault["type"] == "extra_forbidden"]
    if any_field and unknown:
        # Taken out one by one, wherever they stand, so that all else is still checked.
        for fault in unknown:
            _remove(data, place_of(fault["loc"], data))
        return read(model, Incoming(method="POST", path="", body=json.dumps(data).encode()))
    raise _refused(found, data, classic)


def _refused(found: Sequence[ErrorDetails], data: Any, classic: bool) -> Refusal:
    placed = [
        (fault, place_of(fault["loc"], data, missing=fault["type"] == "missing")) for fault in found
    ]
    first = placed[0][1][:1]
    here = [(fault, place) for fault, place in placed if place[:1] == first]
    # Of a union pydantic tells what was wrong with each branch. The one that was meant is right
    # in its type, or at least right the furthest down.
    meant = [entry for entry in here if not is_of_type(entry[0])] or here
    deepest = max((place for _, place in meant), key=len)
    return fault_of([fault for fault, place in meant if place == deepest], deepest, classic=classic)


def _remove(data: Any, place: Path) -> None:
    for step in place[:-1]:
        data = data[step]
    data.pop(place[-1], None)


def place_of(loc: Path, data: Any, *, missing: bool = False) -> Path:
    """The place of a fault in the body, from pydantic's, which also names branches of unions.

    Args:
        loc: Where pydantic found it.
        data: The body.
        missing: Whether the last step names a field that is not there.
    """
    while (found := _walked(loc, data, missing)) is None:
        # The last step names a branch: what should have been there is not.
        loc = loc[:-1]
    return found


def _walked(loc: Path, data: Any, missing: bool, *, in_branch: bool = False) -> Path | None:
    """The places among the steps of a location; None when the last step is none."""
    if not loc:
        return ()
    step, rest = loc[0], loc[1:]
    inside = _inside(data, step)
    if inside is not None:
        below = _walked(rest, inside[0], missing)
        found = None if below is None else (step, *below)
    else:
        found = (step,) if missing and not rest and isinstance(data, Mapping) else None
    other = _walked(rest, data, missing, in_branch=True) if rest else None
    # {"type": "file", "file": ...}: the step that repeats the type names the branch, the next
    # one the field.
    names_branch = not in_branch and isinstance(data, Mapping) and step in _kinds(data)
    first, second = (other, found) if names_branch else (found, other)
    return second if first is None else first


def _kinds(data: Mapping[str, Any]) -> tuple[Any, Any]:
    return data.get("type"), data.get("role")


def _inside(data: Any, step: str | int) -> tuple[Any] | None:
    if isinstance(data, Mapping) and step in data:
        return (data[step],)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return (data[step],)
    return None
