"""langchain-text-splitters on Markdown and code, with the start index that citations need."""

from __future__ import annotations

from collections.abc import Callable

from langchain_text_splitters import Language, RecursiveCharacterTextSplitter
from material import markdown as markdown_text, source_code


def markdown(size: int) -> Callable[[], int]:
    """Its separators for Markdown."""
    return _split(Language.MARKDOWN, 512, markdown_text(size))


def code(size: int) -> Callable[[], int]:
    """Its separators for Python."""
    return _split(Language.PYTHON, 1_024, source_code(size))


def _split(language: Language, length: int, text: str) -> Callable[[], int]:
    splitter = RecursiveCharacterTextSplitter.from_language(
        language, chunk_size=length, chunk_overlap=0, add_start_index=True
    )

    def once() -> int:
        splitter.create_documents([text])
        return len(text)

    return once
