"""Caches of responses: in this process and on Redis."""

from .caches import Cache as Cache, CacheStats as CacheStats, LRUCache as LRUCache
from .keys import canonical as canonical, request_key as request_key, scope_of as scope_of
from .redis import RedisCache as RedisCache
