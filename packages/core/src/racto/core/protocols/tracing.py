"""What racto asks of a tracer: spans that open before a call and close after it."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Literal, Protocol, TypeAlias, runtime_checkable

SpanKind: TypeAlias = Literal["client", "internal", "server", "producer", "consumer"]
"""Which side of a call a span stands for; ``client`` for a call to another system."""


@runtime_checkable
class Span(Protocol):
    """One timed piece of work; its time runs from :meth:`Tracer.span` to :meth:`end`.

    ``with`` makes it the parent of the spans opened inside and ends it, noting an exception. A
    stream, whose steps may run in different contexts, keeps the span and calls :meth:`end`.
    """

    def set_attribute(self, name: str, value: Any) -> None:
        """Note one fact; None is ignored."""

    def set_attributes(self, attributes: Mapping[str, Any]) -> None:
        """Note several facts; those that are None are ignored."""

    def add_event(self, name: str, attributes: Mapping[str, Any] | None = None) -> None:
        """Note that something happened now."""

    def record_error(self, error: BaseException) -> None:
        """Mark the span as failed, with the error's type and its message free of secrets."""

    def end(self) -> None:
        """Close the span; a second call does nothing."""

    def __enter__(self) -> Span: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool | None: ...


@runtime_checkable
class Tracer(Protocol):
    """Opens spans. Must be safe to share by threads and tasks, and must never raise.

    A tracer with a true attribute ``capture_content`` also wants prompts and replies; see
    :func:`racto.core.telemetry.captures_content`.
    """

    def span(
        self,
        name: str,
        *,
        kind: SpanKind = "client",
        attributes: Mapping[str, Any] | None = None,
    ) -> Span:
        """Open a span now.

        Args:
            name: What is done to what, for example ``chat gpt-5``.
            kind: Which side of the call it stands for.
            attributes: Facts known before the call.
        """
        ...
