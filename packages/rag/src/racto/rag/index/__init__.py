"""The index on disk: one folder, one SQLite file, one writer at a time."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .document_index import DocumentIndex as DocumentIndex
    from .manifest import Manifest as Manifest
    from .sources import SourceRecord as SourceRecord

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "document_index": "DocumentIndex",
        "manifest": "Manifest",
        "sources": "SourceRecord",
    },
)
