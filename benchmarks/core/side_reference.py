"""The reference package's chunks, made as its kits make them."""

from __future__ import annotations

from collections.abc import Callable

from ractogateway._models.stream import StreamChunk, StreamDelta


def stream() -> Callable[[], None]:
    """A reply of two thousand text deltas, each chunk with all text so far."""

    def once() -> None:
        text = ""
        for _ in range(2000):
            delta = StreamDelta(text="word ")
            text += delta.text
            last = StreamChunk(delta=delta, accumulated_text=text)
        assert len(last.accumulated_text) == 10_000

    return once
