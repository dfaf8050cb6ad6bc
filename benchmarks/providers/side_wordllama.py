"""wordllama's own code over the same weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from texts import sentences


def embed(count: int) -> Callable[[], int]:
    """Sentences embedded, normalised."""
    import wordllama

    folder = Path(wordllama.__file__).parent
    model = wordllama.WordLlama.load(cache_dir=folder, disable_download=True)
    texts = sentences(count)

    def once() -> int:
        return len(model.embed(texts, norm=True))

    return once
