"""Sources of the same bytes: one of them is cut and embedded, and stands for all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence

from racto.rag.index import DocumentIndex
from racto.rag.index.sources import TEXT_KEY


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

    def holder(self, digest: str, key: bytes, settings: str) -> bytes | None:
        """The key of another source that holds these bytes; None when there is none."""
        held_by = self._holders.get(_identity(digest, key, settings))
        return held_by if held_by != key else None

    def add(self, digest: str, key: bytes, settings: str) -> None:
        """Take a source that was read for the holder of its bytes."""
        self._holders.setdefault(_identity(digest, key, settings), key)

    def orphans(self) -> Sequence[bytes]:
        """Keys of duplicates whose holder has left, or holds other bytes by now."""
        self._holders, duplicates = self._read()
        return [key for identity, key in duplicates if identity not in self._holders]

    def _read(self) -> tuple[dict[bytes, bytes], list[tuple[bytes, bytes]]]:
        holders: dict[bytes, bytes] = {}
        duplicates: list[tuple[bytes, bytes]] = []
        for digest, key, status, settings in self._index.digests():
            # A text may be replaced at any moment, and stands for no file.
            if key in self._leaving or key.startswith(TEXT_KEY):
                continue
            if status == "duplicate":
                duplicates.append((_identity(digest, key, settings), key))
            else:
                holders.setdefault(_identity(digest, key, settings), key)
        return holders, duplicates


def _identity(digest: str, key: bytes, settings: str) -> bytes:
    # Other metadata or another chunker make other passages of the same bytes.
    cut = hashlib.sha256(settings.encode(errors="surrogatepass")).digest()
    extension = os.path.splitext(key)[1].lower()  # noqa: PTH122 - bytes
    return bytes.fromhex(digest) + cut[:16] + extension
