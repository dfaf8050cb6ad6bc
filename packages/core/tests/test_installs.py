"""Install lines are data: complete for the names that people look for."""

from __future__ import annotations

import pytest

from racto.core.installs import install_line


@pytest.mark.parametrize(
    ("group", "name", "line"),
    [
        ("racto.chat_kits", "openai", 'pip install "racto-providers[openai]"'),
        ("racto.vector_stores", "faiss", 'pip install "racto-stores-faiss"'),
        ("racto.rate_limiters", "redis", 'pip install "racto-cache[redis]"'),
        ("racto.chat_kits", "voyage", None),
        ("racto.embedders", "anthropic", None),
        ("racto.unknown", "openai", None),
    ],
)
def test_lines(group: str, name: str, line: str | None) -> None:
    assert install_line(group, name) == line
