"""Flows that are seen in a trace, each as one span."""

from __future__ import annotations

from typing import TypeVar

from racto.core.flows import Flow
from racto.core.protocols.tracing import Tracer

T = TypeVar("T")


class Traced:
    """What has a tracer and puts its flows into spans named ``rag ...``."""

    _tracer: Tracer

    def _traced(self, name: str, flow: Flow[T]) -> Flow[T]:
        with self._tracer.span(f"rag {name}", kind="internal"):
            return (yield from flow)
