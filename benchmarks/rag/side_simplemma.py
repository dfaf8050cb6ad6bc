"""simplemma by itself: the lemmas of a text as a list, without what stands between them."""

from __future__ import annotations

from collections.abc import Callable

from simplemma import text_lemmatizer
from text import documentation


def lemmas(size: int) -> Callable[[], int]:
    """Lemmas of all tokens."""
    text = documentation(size)

    def once() -> int:
        text_lemmatizer(text, "en")
        return size

    return once
