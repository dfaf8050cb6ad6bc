"""Exact and semantic caches, chat memory and rate limits, local and on Redis."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from racto.core.stats import CacheStats as CacheStats

    from .config import (
        CacheConfig as CacheConfig,
        ChatMemoryConfig as ChatMemoryConfig,
        RateLimit as RateLimit,
        RateLimitConfig as RateLimitConfig,
    )
    from .exact import ExactMatchCache as ExactMatchCache
    from .keys import request_key as request_key
    from .limits import LocalRateLimiter as LocalRateLimiter
    from .memories import (
        InMemoryChatMemory as InMemoryChatMemory,
        SQLiteChatMemory as SQLiteChatMemory,
    )
    from .redis import (
        RedisChatMemory as RedisChatMemory,
        RedisExactCache as RedisExactCache,
        RedisRateLimiter as RedisRateLimiter,
        RedisSemanticCache as RedisSemanticCache,
    )
    from .semantic import (
        SemanticCache as SemanticCache,
        StoreSemanticCache as StoreSemanticCache,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "config": "CacheConfig ChatMemoryConfig RateLimit RateLimitConfig",
        "exact": "ExactMatchCache",
        "keys": "request_key",
        "limits": "LocalRateLimiter",
        "memories": "InMemoryChatMemory SQLiteChatMemory",
        "redis": "RedisChatMemory RedisExactCache RedisRateLimiter RedisSemanticCache",
        "semantic": "SemanticCache StoreSemanticCache",
    },
)
