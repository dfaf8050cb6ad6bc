"""The parts that the command works with, found by name among the installed packages."""

from __future__ import annotations

import argparse
from typing import Any

from racto.core import discovery
from racto.core.protocols.chat import ChatKit
from racto.rag.answers import ExtractiveAnswerer
from racto.rag.index import DocumentIndex
from racto.rag.pipeline import DEFAULT_EMBEDDER, RactoRAG
from racto.rag.readers import (
    FileReaderRegistry,
    HtmlReader,
    JsonReader,
    MarkdownReader,
    SpreadsheetReader,
    TextReader,
)
from racto.rag.shelf import DEFAULT_STORE


def open_pipeline(
    index: DocumentIndex,
    options: argparse.Namespace,
    *,
    kit: ChatKit | None = None,
    **settings: Any,
) -> RactoRAG:
    """A pipeline over an index.

    Args:
        index: The open index.
        options: Its ``embedder`` and ``store`` name plug-ins.
        kit: Writes the answers.
        **settings: Further parameters of :class:`~racto.rag.RactoRAG`.

    Raises:
        PluginNotFoundError: If a part is not installed; the message holds the install line.
    """
    embedder = discovery.create("racto.embedders", options.embedder)
    # Embedders of other names may cost a request a call.
    answerer = ExtractiveAnswerer(embedder if options.embedder == DEFAULT_EMBEDDER else None)
    if options.store != DEFAULT_STORE:
        settings["store"] = discovery.create("racto.vector_stores", options.store)
    return RactoRAG(index=index, embedder=embedder, llm_kit=kit, answerer=answerer, **settings)


def filters_of(options: argparse.Namespace) -> dict[str, Any] | None:
    """The metadata filter that the options spell; None without any."""
    return dict(options.filter) or None


def registry_of(options: argparse.Namespace) -> FileReaderRegistry:
    """The readers, with the encoding that the user named for text that is not UTF-8."""
    registry = FileReaderRegistry()
    if options.encoding is not None:
        for kind in (TextReader, MarkdownReader, HtmlReader, SpreadsheetReader, JsonReader):
            registry.register(kind(fallback_encoding=options.encoding))
    return registry
