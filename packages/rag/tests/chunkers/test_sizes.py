"""Sizes with which a chunker would not get ahead are refused with a reason."""

from __future__ import annotations

import pytest

from racto.core.errors import ConfigurationError
from racto.rag.chunkers.sizes import require_sizes


@pytest.mark.parametrize(
    ("size", "overlap", "reason"),
    [(0, 0, "at least 1"), (5, -1, "negative"), (5, 5, "smaller than chunk_size")],
)
def test_the_reason_is_told(size: int, overlap: int, reason: str):
    with pytest.raises(ConfigurationError, match=reason):
        require_sizes(size, overlap)


def test_sizes_that_fit_pass():
    require_sizes(1, 0)
    require_sizes(512, 511)
