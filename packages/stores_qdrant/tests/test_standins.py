"""Stand-ins: a row that passes is a point, whatever was changed in it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from hypothesis import given, settings, strategies as st

from racto.stores.qdrant.standins import check_point


def row() -> bytes:
    from qdrant_client.models import PointStruct, SparseVector

    vector: Any = {
        "": np.ones(4, dtype=np.float32),
        "words": SparseVector(indices=[1, 2], values=[0.5, 1.0]),
    }
    payload = {"a": [1, None, {"b": 2.5}], "big": 10**30, "text": "日本"}
    return pickle.dumps(PointStruct.model_construct(id="1", vector=vector, payload=payload))


@settings(max_examples=300)
@given(at=st.integers(0, len(row()) - 1), byte=st.integers(0, 255), end=st.booleans())
def test_a_changed_row_is_a_point_or_refused(at: int, byte: int, end: bool) -> None:
    data = row()
    changed = data[:at] if end else data[:at] + bytes([byte]) + data[at + 1 :]
    try:
        check_point(changed)
    except Exception:
        return
    # What passes is what the client can read.
    point = pickle.loads(changed)
    assert type(point).__name__ == "PointStruct"
