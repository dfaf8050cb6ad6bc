"""The sizes of chunks: which pairs of length and overlap make sense."""

from __future__ import annotations

from racto.core.errors import ConfigurationError


def require_sizes(chunk_size: int, overlap: int, *, unit: str = "character") -> None:
    """Refuse sizes with which a chunker would not get ahead.

    Args:
        chunk_size: Most characters in a chunk.
        overlap: Most characters that a chunk repeats of the one before it.
        unit: What is counted, if it is not characters.

    Raises:
        ConfigurationError: If ``chunk_size`` is below 1, or ``overlap`` is not in
            ``0 .. chunk_size - 1``.
    """
    if chunk_size < 1:
        raise ConfigurationError(f"chunk_size must be at least 1 {unit}, not {chunk_size}")
    if overlap < 0:
        raise ConfigurationError(f"overlap must not be negative, and is {overlap}")
    if overlap >= chunk_size:
        raise ConfigurationError(
            f"overlap must be smaller than chunk_size, or no chunk would bring new text: "
            f"overlap={overlap}, chunk_size={chunk_size}"
        )
