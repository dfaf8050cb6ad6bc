"""Fields of foreign objects: read when they are what they should be, and nothing otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from racto.batch.job_fields import checked_id, count_of, mapping_of, moment_of, text_of
from racto.core import InvalidResponseError, JobError


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (7, 7),
        ("7", 7),
        (-7, 0),
        ("-7", 0),
        (True, 0),
        (7.5, 0),
        (None, 0),
        ("٧", 0),
        ("9" * 5000, 0),
    ],
    ids=["int", "text", "below", "below-text", "bool", "float", "none", "arabic", "endless"],
)
def test_counts(value: Any, expected: int) -> None:
    assert count_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_700_000_000, 1_700_000_000.0),
        ("2023-11-14T22:13:20Z", 1_700_000_000.0),
        ("2023-11-14T22:13:20.500000000Z", 1_700_000_000.5),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000.0),
        ("2023-11-14T22:13:20", 1_700_000_000.0),
        ("yesterday", 0.0),
        (True, 0.0),
        (None, 0.0),
    ],
)
def test_moments(value: Any, expected: float) -> None:
    assert moment_of(value) == expected


def test_texts_and_objects() -> None:
    assert text_of("a") == "a"
    assert text_of(7) == ""
    assert mapping_of({"a": 1}) == {"a": 1}
    assert mapping_of([1]) == {}


def test_ids() -> None:
    assert checked_id("batch_1", r"[\w-]+", provider="p") == "batch_1"
    with pytest.raises(JobError, match=r"'\.\./x' is no id of a job"):
        checked_id("../x", r"[\w-]+", provider="p")
    with pytest.raises(InvalidResponseError, match="no id of a file"):
        checked_id("x" * 5000, r"[\w-]{1,9}", provider="p", what="file")


def test_halves_of_pairs_are_repaired_in_texts() -> None:
    assert text_of("a\ud800é") == "a?é"
