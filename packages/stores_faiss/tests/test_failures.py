"""What Faiss raises becomes a StoreError that says what was tried."""

from __future__ import annotations

import faiss
import numpy as np
import pytest

from racto.core.errors import ConfigurationError, StoreError
from racto.stores.faiss.failures import translated


def test_an_exception_of_faiss_is_translated() -> None:
    # An untrained index refuses rows by a C++ exception of several lines.
    index = faiss.IndexIVFFlat(faiss.IndexFlatL2(4), 4, 2)
    rows = np.zeros((1, 4), dtype=np.float32)
    with pytest.raises(StoreError, match="Faiss failed") as caught, translated("add 1 vectors"):
        index.add(rows)
    assert str(caught.value).startswith("add 1 vectors: ")
    assert isinstance(caught.value.__cause__, RuntimeError)
    assert "\n" not in str(caught.value)


def test_memory_that_is_not_there_is_named() -> None:
    with pytest.raises(StoreError, match="not enough memory"), translated("search"):
        bytearray(1 << 62)


def test_errors_of_racto_pass() -> None:
    with pytest.raises(ConfigurationError), translated("search"):
        raise ConfigurationError("top_k")
