"""Datasets as people have them: JSONL, JSON, CSV, Parquet, Arrow, and folders of these."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .rows import read_source as read_source

__getattr__, __dir__, __all__ = lazily(__name__, {"rows": "read_source"})
