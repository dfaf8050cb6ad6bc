"""Limits: positive or refused."""

from __future__ import annotations

import pytest

from racto.core import ConfigurationError
from racto.tools.mcp.server import ServerLimits


@pytest.mark.parametrize("wrong", [0, -1, float("inf"), float("nan")])
def test_a_limit_is_positive_and_finite(wrong: float) -> None:
    with pytest.raises(ConfigurationError, match="tool_timeout"):
        ServerLimits(tool_timeout=wrong)
    with pytest.raises(ConfigurationError, match="page_size"):
        ServerLimits(page_size=int(wrong) if wrong in (0, -1) else wrong)  # type: ignore[arg-type]
