"""racto's other chunkers and its lemmatizer as a user calls them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from material import markdown as markdown_text, source_code, tokenizer_file
from text import documentation, documents, prose

from racto.core import Document
from racto.core.protocols.chunkers import Chunker


def sentences(size: int, each: int) -> Callable[[], int]:
    """Groups of five sentences, one repeated."""
    from racto.rag.chunkers import SentenceChunker

    return _all(SentenceChunker(), documents(size, each))


def sentences_of_prose(size: int) -> Callable[[], int]:
    """The same of one paragraph."""
    from racto.rag.chunkers import SentenceChunker

    return _all(SentenceChunker(), [prose(size)])


def tokens(size: int, each: int) -> Callable[[], int]:
    """Chunks of 256 tokens, 32 repeated."""
    from racto.rag.chunkers import TokenChunker

    return _all(TokenChunker(tokenizer_file()), documents(size, each))


def markdown(size: int) -> Callable[[], int]:
    """Chunks of 512 characters that follow the headings."""
    from racto.rag.chunkers import MarkdownChunker

    return _all(MarkdownChunker(512), [markdown_text(size)])


def code(size: int) -> Callable[[], int]:
    """Chunks of 1,024 characters that keep definitions whole."""
    from racto.rag.chunkers import CodeChunker

    return _all(CodeChunker("python", chunk_size=1_024), [source_code(size)])


def lemmas(size: int) -> Callable[[], int]:
    """Lemmas of all words, everything else kept."""
    from racto.rag.processors import Lemmatizer

    lemmatizer, text = Lemmatizer(), documentation(size)

    def once() -> int:
        lemmatizer.process(text)
        return size

    return once


def _all(chunker: Chunker, texts: Iterable[str]) -> Callable[[], int]:
    corpus = [Document(content=text, source="docs.txt") for text in texts]
    size = sum(len(document.content) for document in corpus)

    def once() -> int:
        for document in corpus:
            chunker.chunk(document)
        return size

    return once
