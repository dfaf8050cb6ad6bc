"""From folders to chunks in an index: incremental, safe to interrupt, flat in memory."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .report import (
        IngestedChunks as IngestedChunks,
        IngestionProgress as IngestionProgress,
        IngestionReport as IngestionReport,
        SkippedFile as SkippedFile,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {"report": "IngestedChunks IngestionProgress IngestionReport SkippedFile"},
)
