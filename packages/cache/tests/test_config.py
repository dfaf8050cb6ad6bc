"""Settings are checked, frozen, and have the reference's defaults."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from racto.cache import CacheConfig, ChatMemoryConfig, RateLimit, RateLimitConfig


def test_the_defaults_are_the_reference_s() -> None:
    assert (CacheConfig().max_size, CacheConfig().ttl_seconds) == (1024, None)
    assert ChatMemoryConfig().max_turns == 10
    assert ChatMemoryConfig().key_prefix == "racto:memory"
    assert RateLimitConfig().max_tokens_per_minute == 10_000


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (CacheConfig, {"max_size": -1}),
        (CacheConfig, {"ttl_seconds": 0}),
        (CacheConfig, {"max_bytes": 0}),
        (CacheConfig, {"stale_seconds": -1}),
        (CacheConfig, {"negative_ttl_seconds": 0}),
        (CacheConfig, {"size": 5}),
        (ChatMemoryConfig, {"max_turns": 0}),
        (ChatMemoryConfig, {"ttl_seconds": 0}),
        (ChatMemoryConfig, {"key_prefix": ""}),
        (RateLimitConfig, {"max_tokens_per_minute": 0}),
        (RateLimit, {"name": "x", "amount": 0}),
        (RateLimit, {"name": "x", "amount": 1, "scope": "planet"}),
    ],
)
def test_wrong_settings_are_named(kind: type[BaseModel], given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=list(given)[-1]):
        kind(**given)


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        CacheConfig().max_size = 5
