"""Replies that were read of late: the same bytes are not parsed again."""

from __future__ import annotations

from racto.cache.replies import Snapshot, snapshot, unpacked
from racto.core.responses import LLMResponse

_MOST_BYTES = 2_000_000


class Readings:
    """The latest replies by their bytes, so that a question which many ask is parsed once.

    Found by all the bytes that Redis sent, so never out of date. Threads may share it: what they
    overwrite for each other is parsed again.

    Args:
        most_bytes: Bytes of replies to keep in each of two generations.
    """

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most = most_bytes
        self._size = 0
        self._young: dict[bytes, Snapshot] = {}
        self._old: dict[bytes, Snapshot] = {}

    def response(self, data: bytes) -> LLMResponse:
        """The caller's own copy of the reply in some bytes, with ``cached=True``.

        Raises:
            InvalidResponseError: If they are damaged or foreign.
        """
        found = self._young.get(data)
        return (self._renewed(data) if found is None else found).response(cached=True)

    def _renewed(self, data: bytes) -> Snapshot:
        found = self._old.get(data) or snapshot(unpacked(data))
        # A few long ones must not push out all the others.
        if len(data) > self._most // 10:
            return found
        if self._size + len(data) > self._most:
            # What is still asked for comes back from the old generation.
            self._old, self._young, self._size = self._young, {}, 0
        self._young[data] = found
        self._size += len(data)
        return found
