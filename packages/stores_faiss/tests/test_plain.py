"""Metadata becomes JSON and comes back the same; what cannot is refused with its source."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from racto.core.errors import StoreError
from racto.core.testing.contracts.generators import METADATA, examples
from racto.core.testing.contracts.samples import same
from racto.stores.faiss.plain import plain, revived


def there_and_back(value: Any) -> Any:
    return revived(json.loads(json.dumps(plain(value, "a.md"))))


@examples(100)
@given(value=METADATA)
def test_metadata_comes_back_the_same(value: dict[str, Any]) -> None:
    assert same(there_and_back(value), value)


@examples(50)
@given(keys=st.lists(st.sampled_from(["$date", "$tuple", "$$date", "$", "a"]), max_size=2))
def test_keys_like_marks_are_only_keys(keys: list[str]) -> None:
    value = dict.fromkeys(keys, "2026-11-30")
    assert there_and_back(value) == value


def test_what_json_lacks_comes_back_too() -> None:
    value = {
        "day": date(2026, 11, 30),
        "at": datetime(2026, 11, 30, 12, tzinfo=UTC),
        "pair": (1, ("two", [None])),
        "big": 2**80,
        "half": "\ud800",
    }
    assert there_and_back(value) == value
    assert there_and_back({"n": np.float32(0.5)}) == {"n": 0.5}


@pytest.mark.parametrize("value", [{1: "a"}, {"a": {1, 2}}, [b"x"], {"a": object()}])
def test_other_things_are_refused_with_their_source(value: Any) -> None:
    with pytest.raises(StoreError, match=r"a\.md"):
        plain(value, "a.md")
