"""Digests that are made once: of long texts by their words, of schemas as long as they live."""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Callable
from typing import Any, Generic, TypeVar

K = TypeVar("K")

LONG = 1024
"""Characters from which on a text stands in a key by its digest."""

MOST_KEPT = 4_000_000
"""Characters of texts whose digests are remembered, in each of two generations."""


def digest_of(text: str) -> str:
    """SHA-256 of a text in hexadecimal; halves of surrogate pairs count as they are.

    OpenSSL's SHA-256 is twice as fast as BLAKE2 where the processor has instructions for it.
    """
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Recent(Generic[K]):
    """Strings that were made of keys of late, so that they need not be made again.

    A system prompt of 20 kB is not hashed for every request. Found by the whole key, so never
    wrong; what has not been asked for longest is forgotten. Threads may share it: what they
    overwrite for each other is made again.

    Args:
        make: Makes the string of a key.
        weigh: Tells how much of ``most`` a key takes.
        most: Weight to keep in each of the two generations.
    """

    def __init__(
        self, make: Callable[[K], str], weigh: Callable[[K], int], *, most: int = MOST_KEPT
    ) -> None:
        self._make = make
        self._weigh = weigh
        self._most = most
        self._size = 0
        self._young: dict[K, str] = {}
        self._old: dict[K, str] = {}

    def of(self, key: K) -> str:
        """The string of a key."""
        found = self._young.get(key)
        return self._renewed(key) if found is None else found

    def _renewed(self, key: K) -> str:
        made = self._old.get(key) or self._make(key)
        weight = self._weigh(key)
        # One that is larger than all may be together would stay for as long as they do.
        if weight > self._most:
            return made
        if weight > self._most:
            return made
        if self._size + weight > self._most:
            # What is still in use comes back from the old generation when it is asked for.
            self._old, self._young, self._size = self._young, {}, 0
        self._young[key] = made
        self._size += weight
        return made


class LivingDigests:
    """Digests of objects that do not change, remembered as long as each object lives.

    Args:
        make: Computes the digest of one.
    """

    def __init__(self, make: Callable[[Any], str]) -> None:
        self._make = make
        self._known: dict[int, tuple[weakref.ref[Any], str]] = {}

    def digest(self, subject: Any) -> str:
        """The digest of an object."""
        number = id(subject)
        known = self._known.get(number)
        # By identity, because a schema that holds dictionaries has no hash.
        if known is not None and known[0]() is subject:
            return known[1]
        made = self._make(subject)
        forget = self._known.pop
        self._known[number] = weakref.ref(subject, lambda _: forget(number, None)), made
        return made


_long_texts: Recent[str] = Recent(digest_of, len)


def brief(text: str) -> str:
    """A text as it stands in a key: with its length before it, or by its digest when it is long."""
    size = len(text)
    return f"s{size}:{text}" if size < LONG else f"h{_long_texts.of(text)}"
