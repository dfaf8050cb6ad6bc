"""An event sink that keeps its records in a list."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from racto.core.flows import threaded


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One published record.

    Attributes:
        topic: Where it went.
        value: Its content.
        key: What keeps its order.
        headers: Facts beside the content.
    """

    topic: str
    value: Any
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class ListSink:
    """Keeps every record.

    Attributes:
        records: All records, oldest first.
    """

    def __init__(self) -> None:
        self.records: list[Event] = []

    def publish(
        self,
        topic: str,
        value: Any,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep one record.

        Args:
            topic: Where it goes.
            value: JSON-serialisable content.
            key: What keeps its order.
            headers: Facts beside the content.
        """
        facts = dict(headers or {})
        self.records.append(Event(topic=topic, value=deepcopy(value), key=key, headers=facts))

    apublish = threaded(publish)

    def flush(self, timeout: float | None = None) -> int:
        """Zero: everything was delivered at once, whatever ``timeout`` says."""
        return 0

    aflush = threaded(flush)

    def close(self) -> None:
        """Nothing is buffered, so nothing is left to do."""

    aclose = threaded(close)
