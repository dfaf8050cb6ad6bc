"""Canonical keys: equal requests have equal keys, and different services never share one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import orjson

from racto.retrieval.server.errors import InvalidRequestError

# What names a request or asks for a side effect, and changes nothing in its result.
IRRELEVANT = frozenset({"request_id", "timestamp", "explain"})
"""Fields that are part of no key, and that no engine gets."""

_LONGEST = 1024


def canonical(value: Any, *, field: str = "request") -> bytes:
    """Write data in the one form that equal data have.

    Args:
        value: Data of JSON kinds, and bytes.
        field: What it is called in the error.

    Raises:
        InvalidRequestError: If it holds something that is no such data.
    """
    try:
        return orjson.dumps(value, default=_digested, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise InvalidRequestError(f"{field}: {error}", field=field) from error


def request_key(scope: bytes, item: Mapping[str, Any]) -> bytes:
    """The key of a request within a scope: all of its fields that can change the result.

    Args:
        scope: The service, its role and its configuration, as :func:`scope_of` writes them.
        item: The request.
    """
    if not IRRELEVANT.isdisjoint(item):
        item = {name: value for name, value in item.items() if name not in IRRELEVANT}
    text = canonical(item)
    # Queues and caches hold keys: one of a thousand passages must not take their memory again.
    if len(text) > _LONGEST:
        text = hashlib.blake2b(text, digest_size=32).digest()
    return scope + text


def scope_of(*parts: Any) -> bytes:
    """Write what keeps the keys of services apart: name, role, configuration, collection."""
    return canonical(list(parts), field="scope") + b"\x00"


def short(key: Any) -> str:
    """Write a key of any length in 40 characters, for caches elsewhere."""
    text = key if isinstance(key, bytes) else canonical(key, field="key")
    return hashlib.blake2b(text, digest_size=20).hexdigest()


def _digested(value: Any) -> Any:
    # Passages may be images: their digest stands for them.
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"\x00bytes": hashlib.blake2b(value, digest_size=20).hexdigest()}
    if isinstance(value, (set, frozenset)):
        return sorted(value, key=repr)
    raise TypeError(f"a {type(value).__name__} cannot be part of it")
