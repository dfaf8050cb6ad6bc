"""How much one request may hold."""

from __future__ import annotations

from collections.abc import Sequence

from racto.testing.refusals import Refusal
from racto.testing.replies import Failure
from racto.testing.vectors import tokens

from .failures import failure_answer, refusal

MOST_TEXTS = 1000
"""Texts of one request."""

_CONTEXT = 32_000
# Most tokens of one request, by the beginning of the model's name; the longest that fits counts.
_MOST_TOKENS = {
    "": 120_000,
    "voyage-3.5": 320_000,
    "voyage-3.5-lite": 1_000_000,
    "voyage-3-lite": 1_000_000,
    "voyage-3": 320_000,
    "voyage-3-large": 120_000,
    "voyage-4": 320_000,
    "voyage-4-lite": 1_000_000,
    "voyage-4-large": 120_000,
}


def count_tokens(texts: Sequence[str], model: str, *, truncation: bool | None) -> int:
    """The tokens of a request, as the API bills them.

    Args:
        texts: The texts.
        model: The model, which has its own limit.
        truncation: Whether texts that are too long are cut; False refuses them.

    Raises:
        Refusal: If a text or all of them together are too long.
    """
    counts = [tokens(text) for text in texts]
    for number, count in enumerate(counts):
        if count > _CONTEXT and truncation is False:
            raise refusal(
                f"Request to model '{model}' failed. The example at index {number} in your batch"
                f" has too many tokens and does not fit into the model's context window of"
                f" {_CONTEXT} tokens. Please lower the number of tokens in the listed example(s) or"
                " use truncation."
            )
    # What is cut is not billed.
    total = sum(min(count, _CONTEXT) for count in counts)
    # The empty beginning fits every model.
    known = max((name for name in _MOST_TOKENS if model.startswith(name)), key=len)
    if total > _MOST_TOKENS[known]:
        failure = Failure(kind="context_overflow", limit=_MOST_TOKENS[known], count=total)
        raise Refusal(failure_answer(failure, model))
    return total
