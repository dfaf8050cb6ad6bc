"""What a training will take: tokens, epochs, and money at the price that you name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

from racto.core.errors import ConfigurationError

from .examples import RactoTrainingExample
from .tokens import CountTokens, estimate_tokens, example_tokens

_EPOCHS = 3
_LEAST_TRAINED, _MOST_TRAINED = 100, 25_000
_MOST_EPOCHS = 25


@dataclass(frozen=True, kw_only=True)
class TrainingEstimate:
    """What a training will take.

    Attributes:
        examples: How many examples.
        tokens: Tokens of one pass over them, each cut to ``max_tokens``.
        epochs: How many passes.
        trained_tokens: Tokens of all passes, which is what is paid for.
        cost: Their price; None when no price was given.
        too_long: Examples that are longer than ``max_tokens``.
        counted: Whether the tokens were counted with an encoding, or estimated.
    """

    examples: int
    tokens: int
    epochs: int
    trained_tokens: int
    cost: float | None
    too_long: int
    counted: bool

    def as_data(self) -> dict[str, Any]:
        """The estimate as JSON can hold it."""
        return asdict(self)

    def __str__(self) -> str:
        how = "counted" if self.counted else "estimated"
        told = (
            f"{self.examples:,} examples, {self.tokens:,} tokens ({how}), {self.epochs} epochs: "
            f"{self.trained_tokens:,} tokens to train"
        )
        if self.cost is not None:
            told += f", for {self.cost:,.2f}"
        if self.too_long:
            told += f"; {self.too_long:,} examples are too long"
        return told


def estimate_training(
    examples: Iterable[RactoTrainingExample],
    *,
    price: float | None = None,
    epochs: int | Literal["auto"] = "auto",
    max_tokens: int | None = None,
    count_tokens: CountTokens = estimate_tokens,
) -> TrainingEstimate:
    """Estimate a training, in one pass over the examples.

    Args:
        examples: The examples.
        price: Price of a million trained tokens, in any currency. racto knows none: they change,
            and so do the models that can be tuned.
        epochs: How many passes; ``auto`` guesses as OpenAI's guide does: three, and more for
            fewer than some 30 examples, fewer for more than some 8,000.
        max_tokens: Where an example is cut; None for no limit.
        count_tokens: Counts the tokens of a text.

    Raises:
        ConfigurationError: If price or epochs are negative.
    """
    if (price or 0) < 0 or (epochs != "auto" and epochs < 1):
        raise ConfigurationError(f"price must be 0 or more and epochs 1 or more: {price}, {epochs}")
    # Lengths are counted and not listed, so that memory does not grow with the file.
    lengths = Counter(example_tokens(example, count_tokens) for example in examples)
    count = sum(lengths.values())
    most = max_tokens or max(lengths, default=0)
    tokens = sum(min(length, most) * number for length, number in lengths.items())
    passes = auto_epochs(count) if epochs == "auto" else epochs
    return TrainingEstimate(
        examples=count,
        tokens=tokens,
        epochs=passes,
        trained_tokens=tokens * passes,
        cost=None if price is None else tokens * passes * price / 1e6,
        too_long=sum(number for length, number in lengths.items() if length > most),
        counted=count_tokens is not estimate_tokens,
    )


def auto_epochs(examples: int) -> int:
    """How many passes OpenAI's guide expects for a number of examples.

    Args:
        examples: How many examples there are.
    """
    if not examples:
        return _EPOCHS
    # Few examples are seen more often, many less often.
    if examples * _EPOCHS < _LEAST_TRAINED:
        return min(_MOST_EPOCHS, -(-_LEAST_TRAINED // examples))
    if examples * _EPOCHS > _MOST_TRAINED:
        return max(1, _MOST_TRAINED // examples)
    return _EPOCHS
