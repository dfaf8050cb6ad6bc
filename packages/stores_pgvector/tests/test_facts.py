"""Metadata comes back with its kinds, and what cannot be kept is refused by its place."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given

from racto.core.errors import StoreError
from racto.core.testing.contracts.generators import METADATA
from racto.core.testing.contracts.samples import same
from racto.stores.pgvector.facts import forms, literal, plain, restored


def back(values: dict[str, Any]) -> Any:
    text = plain(values)
    return restored(forms(values, values, "it")[1]) if text is None else json.loads(text)


@given(METADATA)
def test_json_comes_back(values: dict[str, Any]) -> None:
    assert same(back(values), values)


@pytest.mark.parametrize(
    "value",
    [
        date(2026, 1, 31),
        datetime(2026, 1, 31, 12, 30, 1, 5),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        math.inf,
        -math.inf,
        -0.0,
        1e300,
        10**400,
        {"$racto": "date 2026-01-31"},
        {"$racto": {"$racto": 1}, "other": [date(2026, 1, 1)]},
        "\ud800 alone",
        "NUL \x00",
    ],
    ids=repr,
)
def test_kinds_that_jsonb_lacks_come_back(value: Any) -> None:
    found = back({"key": [value, {"deep": value}]})
    assert same(found, {"key": [value, {"deep": value}]})
    assert math.copysign(1, found["key"][0]) == math.copysign(1, value) if value == 0 else True


def test_nan_comes_back() -> None:
    assert math.isnan(back({"key": math.nan})["key"])


def test_plain_metadata_is_kept_once() -> None:
    assert plain({"a": [1, "two", None, True, 0.5], "b": {"c": 3}}) is not None


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"a": [{"b": {1, 2}}]}, r"metadata\.a\[0\]\.b is a set"),
        ({"a": {1: "one"}}, r"metadata\.a has the key 1"),
        ({"a": b"bytes"}, r"metadata\.a is a bytes"),
        ({"a": 10**5000}, "digits"),
    ],
)
def test_what_cannot_be_kept_is_named(values: dict[str, Any], place: str) -> None:
    with pytest.raises(StoreError, match=f"chunk 'x'.*{place}"):
        forms({}, values, "the metadata of chunk 'x'")


def test_endless_metadata_is_refused() -> None:
    circle: dict[str, Any] = {}
    circle["again"] = circle
    with pytest.raises(StoreError, match="nested too deep"):
        forms({}, circle, "it")
    assert plain(circle) is None


def test_instants_of_two_zones_are_one() -> None:
    east = datetime(2026, 1, 31, 14, tzinfo=timezone(timedelta(hours=2)))
    assert literal(east) == literal(datetime(2026, 1, 31, 12, tzinfo=UTC))
