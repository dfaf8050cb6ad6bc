"""ProcessingPipeline: several text processors as one."""

from __future__ import annotations

from collections.abc import Sequence

from racto.core.errors import ConfigurationError
from racto.core.protocols.processors import TextProcessor


class ProcessingPipeline:
    """Applies processors in their order, each to what the one before it returned.

    Args:
        processors: At least one.

    Raises:
        ConfigurationError: If there is none, or one has no ``process`` method; it is a
            ``ValueError``.
    """

    def __init__(self, processors: Sequence[TextProcessor]) -> None:
        self.processors = tuple(processors)
        if not self.processors:
            raise ConfigurationError(
                "a ProcessingPipeline needs at least one processor; leave it out to change nothing"
            )
        for processor in self.processors:
            if not isinstance(processor, TextProcessor):
                raise ConfigurationError(f"{processor!r} has no method process(text)")

    def process(self, text: str) -> str:
        """Return the text as the last processor leaves it."""
        for processor in self.processors:
            text = processor.process(text)
        return text
