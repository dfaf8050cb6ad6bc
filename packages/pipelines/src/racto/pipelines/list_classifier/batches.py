"""Batches: equal texts are classified once, and every text gets its result in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow

from .crowds import crowd
from .results import NO_USAGE, ClassifierResult

Progress: TypeAlias = Callable[[int, int], None]
"""Told after each text how many are done, and how many there are."""


def batch(
    texts: Sequence[str],
    make: Callable[[str], Flow[ClassifierResult]],
    *,
    width: int | None,
    progress: Progress | None,
    deduplicate: bool,
) -> Flow[list[ClassifierResult]]:
    """The results of all texts, in their order.

    Args:
        texts: What to classify.
        make: Makes the flow of one text.
        width: How many at once; None as :func:`crowd` says.
        progress: Told how far it is.
        deduplicate: Whether equal texts are asked once.

    Raises:
        ConfigurationError: If ``width`` is below 1, or ``texts`` is one text.
    """
    if isinstance(texts, str):
        raise ConfigurationError("queries is one text; give a list of them, or use run")
    everything = list(texts)
    # Keeps the order of first appearance, so that progress follows the texts.
    places: dict[object, list[int]] = {}
    for place, text in enumerate(everything):
        # What is no text fails by itself, in its own place.
        alike = text if deduplicate and isinstance(text, str) else (place,)
        places.setdefault(alike, []).append(place)
    groups = list(places.values())
    results: dict[int, ClassifierResult] = {}

    def done(number: int, result: ClassifierResult) -> None:
        first, *others = groups[number]
        results[first] = result
        for place in others:
            results[place] = _again(result)
        if progress is not None:
            progress(len(results), len(everything))

    yield from crowd([everything[group[0]] for group in groups], make, width=width, done=done)
    return [results[place] for place in range(len(everything))]


def _again(result: ClassifierResult) -> ClassifierResult:
    # A copy down to its lists; and nothing was used for it, so that sums are right.
    twin = result.model_copy(deep=True)
    return twin.model_copy(update={"deduplicated": True, "usage": NO_USAGE})
