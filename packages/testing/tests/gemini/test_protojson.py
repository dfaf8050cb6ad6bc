"""Single values are read as Google reads them, and faults are told in its words."""

from __future__ import annotations

import base64
import math
from typing import Any

import pytest
from hypothesis import given, strategies as st

from racto.testing.gemini.protojson import (
    ANYTHING,
    BYTES,
    DURATION,
    FLAG,
    FLOAT,
    INT32,
    INT64,
    STRUCT,
    TEXT,
    TIMESTAMP,
    Enumeration,
    Faults,
    Kind,
)

COLOUR = Enumeration("Colour", "UNSPECIFIED RED green")


def read(kind: Kind, value: Any) -> Any:
    faults = Faults()
    found = kind.read(value, "a.b", faults)
    assert faults.found == []
    return found


def fault(kind: Kind, value: Any) -> str:
    faults = Faults()
    kind.read(value, "a.b", faults)
    ((at, told),) = faults.found
    assert at in ("a", "a.b")
    return told


@given(st.integers(-(2**31), 2**31 - 1))
def test_an_int32_may_be_a_number_or_text_or_a_whole_float(value: int) -> None:
    assert read(INT32, value) == read(INT32, str(value)) == read(INT32, float(value)) == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_int64_as_text_keeps_every_digit(value: int) -> None:
    assert read(INT64, str(value)) == value


@pytest.mark.parametrize("value", [1.5, 2**31, "x", "1.5", True, math.inf, "NaN"])
def test_what_is_no_int32_is_refused(value: Any) -> None:
    assert fault(INT32, value).startswith("Invalid value at 'a.b' (TYPE_INT32), ")


@given(st.floats(allow_nan=False))
def test_a_float_may_be_a_number_or_text(value: float) -> None:
    assert read(FLOAT, value) == value
    text = "Infinity" if value == math.inf else "-Infinity" if value == -math.inf else repr(value)
    assert read(FLOAT, text) == value


def test_a_wrong_float_is_told_with_its_value() -> None:
    assert fault(FLOAT, "hot") == "Invalid value at 'a.b' (TYPE_FLOAT), \"hot\""
    assert fault(FLOAT, True) == "Invalid value at 'a.b' (TYPE_FLOAT), true"


@pytest.mark.parametrize(("value", "meant"), [(True, True), ("true", True), ("false", False)])
def test_a_flag_may_be_a_word(value: Any, meant: bool) -> None:
    assert read(FLAG, value) is meant


@pytest.mark.parametrize("value", [1, 0, "yes", 1.0])
def test_a_number_is_no_flag(value: Any) -> None:
    assert fault(FLAG, value).startswith("Invalid value at 'a.b' (TYPE_BOOL), ")


@given(st.binary())
def test_bytes_come_in_either_alphabet_with_padding_or_without(data: bytes) -> None:
    standard = base64.b64encode(data).decode()
    safe = base64.urlsafe_b64encode(data).decode()
    forms = {standard, safe, standard.rstrip("="), safe.rstrip("=")}
    assert {read(BYTES, form) for form in forms} == {standard}


@pytest.mark.parametrize("value", ["?", "a", "abc===", "ab cd"])
def test_what_is_no_base64_is_refused(value: str) -> None:
    assert fault(BYTES, value).endswith(f'(TYPE_BYTES), Base64 decoding failed for "{value}"')


@pytest.mark.parametrize(
    ("value", "meant"), [("RED", "RED"), ("red", "RED"), ("GREEN", "green"), (2, "green")]
)
def test_an_enum_may_be_small_or_a_number(value: Any, meant: str) -> None:
    assert read(COLOUR, value) == meant


@pytest.mark.parametrize("value", ["blue", 3, -1, True, None, 1.0])
def test_a_value_that_the_enum_lacks_is_told_with_its_type(value: Any) -> None:
    kind = "type.googleapis.com/google.ai.generativelanguage.v1beta.Colour"
    assert fault(COLOUR, value).startswith(f"Invalid value at 'a.b' ({kind}), ")


def test_durations_end_with_an_s() -> None:
    assert read(DURATION, "3.5s") == "3.5s"
    assert "duration must end with 's'" in fault(DURATION, "3.5")
    assert "Duration" in fault(DURATION, 3)


def test_moments_have_a_zone() -> None:
    for told in ("2026-11-22T01:02:03Z", "2026-11-22T01:02:03.004+01:00"):
        assert read(TIMESTAMP, told) == told
    assert "Invalid time format" in fault(TIMESTAMP, "2026-11-22")


@pytest.mark.parametrize(
    "told",
    [
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2026-01-01T99:00:00Z",
        "0001-01-01T00:00:00+10:00",
    ],
)
def test_moments_that_never_come_are_refused(told: str) -> None:
    assert "Invalid time format" in fault(TIMESTAMP, told)


def test_lists_and_objects_are_no_single_values() -> None:
    told = "Invalid JSON payload received. Unknown name \"b\" at 'a': Proto field is not repeating, cannot start list."
    assert fault(TEXT, ["x"]) == told
    assert fault(TEXT, {"x": 1}).endswith("Proto field is not a message, cannot start object.")
    assert fault(TEXT, 5) == "Invalid value at 'a.b' (TYPE_STRING), 5"


def test_any_value_passes_where_any_may_stand() -> None:
    values: list[Any] = [None, True, 1.5, "x", [1, [None]], {"a": {"b": []}}]
    for value in values:
        assert read(ANYTHING, value) == value


def test_a_struct_is_an_object() -> None:
    assert read(STRUCT, {"a": [1, None]}) == {"a": [1, None]}
    assert "google.protobuf.Struct" in fault(STRUCT, [1])
