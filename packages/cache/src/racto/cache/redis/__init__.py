"""Caches, chat memories and rate limits that many processes share on one Redis."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .connections import (
        RedisLink as RedisLink,
        RedisOptions as RedisOptions,
    )
    from .exact import RedisExactCache as RedisExactCache
    from .limiter import RedisRateLimiter as RedisRateLimiter
    from .memory import RedisChatMemory as RedisChatMemory
    from .semantic import RedisSemanticCache as RedisSemanticCache

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "connections": "RedisLink RedisOptions",
        "exact": "RedisExactCache",
        "limiter": "RedisRateLimiter",
        "memory": "RedisChatMemory",
        "semantic": "RedisSemanticCache",
    },
)
