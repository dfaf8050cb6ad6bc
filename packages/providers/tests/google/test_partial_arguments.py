"""Arguments in pieces come together as they were, whatever they hold."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.providers.google.partial_arguments import PartialArguments

LEAF = st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    LEAF,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text(), inner, min_size=1, max_size=3)
    ),
    max_leaves=8,
)


def _quoted(name: str) -> str:
    return "['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']"


def pieces(path: str, value: Any) -> Iterator[dict[str, Any]]:
    """The pieces of a value, its places written as RFC 9535 normalises them."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from pieces(path + _quoted(name), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from pieces(f"{path}[{number}]", inner)
    elif isinstance(value, str):
        half = len(value) // 2
        yield {"jsonPath": path, "stringValue": value[:half], "willContinue": True}
        yield {"jsonPath": path, "stringValue": value[half:]}
    elif value is None:
        yield {"jsonPath": path, "nullValue": "NULL_VALUE"}
    else:
        yield {"jsonPath": path, "boolValue" if isinstance(value, bool) else "numberValue": value}


@given(st.dictionaries(st.text(), VALUES, max_size=4))
def test_pieces_make_the_whole(arguments: dict[str, Any]) -> None:
    made = PartialArguments()
    for piece in pieces("$", arguments):
        made.add(json.loads(json.dumps(piece)))
    assert made.value == arguments


@pytest.mark.parametrize(
    ("place", "name"),
    [
        (r"$['it\'s']", "it's"),
        (r"""$['say "hi"']""", 'say "hi"'),
        (r"""$["say \"hi\""]""", 'say "hi"'),
        (r"$['a\\b']", r"a\b"),
        (r"$['two\nlines']", "two\nlines"),
        (r"$['\u000b']", "\x0b"),
    ],
)
def test_names_in_quotes_may_hold_anything(place: str, name: str) -> None:
    made = PartialArguments()
    made.add({"jsonPath": place, "stringValue": "x"})
    assert made.value == {name: "x"}


def test_places_may_be_written_shortly() -> None:
    made = PartialArguments()
    made.add({"jsonPath": "$.trip.legs[0].to", "stringValue": "Ulm"})
    made.add({"jsonPath": '$.trip["by car"]', "boolValue": True})
    assert made.value == {"trip": {"legs": [{"to": "Ulm"}], "by car": True}}


def test_a_text_that_ended_is_replaced_and_not_continued() -> None:
    made = PartialArguments()
    made.add({"jsonPath": "$.a", "stringValue": "x"})
    made.add({"jsonPath": "$.a", "stringValue": "y"})
    assert made.value == {"a": "y"}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "$",
        "a",
        "$.",
        "$..a",
        "$[0]",
        "$.a[9]",
        "$.a[999999999]",
        "$.a[x]",
        "$.list.b",
        "$.text.b",
    ],
)
def test_a_place_that_cannot_be_is_refused(path: str) -> None:
    made = PartialArguments()
    made.value = {"list": [1], "text": "t"}
    with pytest.raises(ValueError, match="arguments"):
        made.add({"jsonPath": path, "numberValue": 1})
    assert made.value.get("a", []) == []
