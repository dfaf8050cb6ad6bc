"""Sources of the same bytes: one of them is cut and embedded, and stands for all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from racto.rag.index import DocumentIndex


class Twins:
    """Knows which source holds the passages of which bytes.

    Files of one content and another extension are no twins: they are read in another way.

    Args:
        index: What was ingested before.
        gone: Keys of sources that are about to leave, and can stand for nobody.
    """

    def __init__(self, index: DocumentIndex, gone: Iterable[bytes] = ()) -> None:
        self._index = index
        self._leaving = frozenset(gone)
        self._holders = self._read()[0]

    def holder(self, digest: str, key: bytes) -> bytes | None:
        """The key of another source that holds these bytes; None when there is none."""
        held_by = self._holders.get(_identity(digest, key))
        return held_by if held_by != key else None

    def add(self, digest: str, key: bytes) -> None:
        """Take a source that was read for the holder of its bytes."""
        self._holders.setdefault(_identity(digest, key), key)

    def orphans(self) -> Sequence[bytes]:
        """Keys of duplicates whose holder has left, or holds other bytes by now."""
        self._holders, duplicates = self._read()
        return [key for digest, key in duplicates if _identity(digest, key) not in self._holders]

    def _read(self) -> tuple[dict[bytes, bytes], list[tuple[str, bytes]]]:
        holders: dict[bytes, bytes] = {}
        duplicates: list[tuple[str, bytes]] = []
        for digest, key, status in self._index.digests():
            if key in self._leaving:
                continue
            if status == "duplicate":
                duplicates.append((digest, key))
            else:
                holders.setdefault(_identity(digest, key), key)
        return holders, duplicates


def _identity(digest: str, key: bytes) -> bytes:
    return bytes.fromhex(digest) + os.path.splitext(key)[1].lower()  # noqa: PTH122 - bytes
