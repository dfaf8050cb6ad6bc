"""An audit logger that keeps its records in a list."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from racto.core.flows import threaded


class ListAudit:
    """Keeps each exchange as a dictionary.

    Attributes:
        records: All exchanges, oldest first.
    """

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def log(
        self,
        *,
        user_id: str,
        model: str,
        prompt: str,
        response: str,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Record one exchange.

        Args:
            user_id: Who asked.
            model: Which model answered.
            prompt: What was asked.
            response: What was answered.
            metadata: Further facts.
        """
        facts = deepcopy(dict(metadata or {}))
        self.records.append(
            {
                "user_id": user_id,
                "model": model,
                "prompt": prompt,
                "response": response,
                "metadata": facts,
            }
        )

    alog = threaded(log)

    def close(self) -> None:
        """Nothing is buffered, so nothing is left to do."""

    aclose = threaded(close)
