"""``racto-rag serve-mcp``: search and answers for any program that speaks MCP."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from contextlib import closing, nullcontext
from typing import Any, Protocol

from racto.core import discovery
from racto.rag.index import DocumentIndex

from .command import DONE
from .models import choose_model
from .parts import open_pipeline

SERVERS = "racto.tool_servers"
"""Entry-point group of servers that offer tools to other programs."""


class _ToolServer(Protocol):
    def add_retriever(
        self, retriever: Any, *, name: str = ..., description: str | None = ...
    ) -> Any: ...

    def add_rag(self, pipeline: Any, *, name: str = ..., description: str | None = ...) -> Any: ...

    def run(self, transport: Any = ..., *, host: str = ..., port: int = ...) -> None: ...


def perform(options: argparse.Namespace) -> int:
    """Serve until the program that uses it leaves, or Ctrl-C."""
    chosen = choose_model(options)
    make: Callable[..., _ToolServer] = discovery.find(SERVERS, "mcp")
    server = make(options.name, description="Documents to search and to ask.")
    with (
        closing(chosen.kit) if chosen.kit is not None else nullcontext(),
        DocumentIndex(options.index) as index,
        open_pipeline(index, options, kit=chosen.kit, mode=options.mode) as rag,
    ):
        server.add_retriever(rag.retriever, name="search")
        server.add_rag(rag, name="ask")
        server.run(options.transport, host="127.0.0.1", port=options.port)
    return DONE
