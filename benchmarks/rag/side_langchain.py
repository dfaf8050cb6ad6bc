"""langchain-text-splitters, with the start index that citations need."""

from __future__ import annotations

from collections.abc import Callable

from langchain_text_splitters import RecursiveCharacterTextSplitter
from text import documents


def recursive(size: int, each: int) -> Callable[[], int]:
    """Its documents with their start index, of many texts or of one."""
    splitter = RecursiveCharacterTextSplitter(
        chunk_size=512,
        chunk_overlap=50,
        separators=["\n\n", "\n", ". ", " ", ""],
        add_start_index=True,
    )
    texts = documents(size, each)

    def once() -> int:
        splitter.create_documents(texts)
        return size

    return once
