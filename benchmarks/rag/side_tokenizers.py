"""tokenizers by itself: the tokens of texts with their offsets."""

from __future__ import annotations

from collections.abc import Callable

from material import tokenizer_file
from text import documents
from tokenizers import Tokenizer


def offsets(size: int, each: int) -> Callable[[], int]:
    """Where each token begins and ends, which is the least that exact chunks need."""
    tokenizer, texts = Tokenizer.from_file(tokenizer_file()), documents(size, each)

    def once() -> int:
        for text in texts:
            _ = tokenizer.encode(text, add_special_tokens=False).offsets
        return size

    return once
