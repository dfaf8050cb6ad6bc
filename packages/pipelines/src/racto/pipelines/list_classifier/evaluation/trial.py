"""An evaluation on its way: texts classified in a batch, outcomes kept as they come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow
from racto.pipelines.list_classifier.batches import Progress
from racto.pipelines.list_classifier.crowds import crowd
from racto.pipelines.list_classifier.options import Options
from racto.pipelines.list_classifier.requests import Given, Requests
from racto.pipelines.list_classifier.results import ClassifierResult
from racto.pipelines.list_classifier.settings import Omitted, Wishes

from .checkpoint import Checkpoint, mark_of
from .outcomes import Outcome, outcome_of
from .report import EvaluationReport

Labelled: TypeAlias = tuple[str, str | Sequence[str]] | Mapping[str, Any]
"""A text with its label or labels: a pair, or a mapping with ``text`` and ``label``."""


class Trial:
    """One evaluation.

    Args:
        requests: Makes the calls.
        labelled: Texts with their labels.
        options: What can be chosen from.
        checkpoint: File of outcomes; None for none.
        model: Who is asked; outcomes of others in the checkpoint do not count.

    Raises:
        ConfigurationError: If there is no text, one has no label, or the file cannot be read.
    """

    def __init__(
        self,
        requests: Requests,
        labelled: Iterable[Labelled],
        *,
        options: Options | Omitted | None,
        checkpoint: str | Path | None,
        model: str = "",
    ) -> None:
        self._requests = requests
        self._items = [_pair(number, item) for number, item in enumerate(labelled)]
        if not self._items:
            raise ConfigurationError("there is no labelled text to evaluate on")
        self._selection = requests.selection
        # Without any options the labels are the only ones that can be meant.
        is_open = options is None or isinstance(options, Omitted)
        if is_open and self._selection.options is None:
            options = sorted({label for _, labels in self._items for label in labels})
        # Errors are outcomes here: one text must not end the evaluation of all others.
        self._wishes: Wishes = requests.wishes(Given(options=options), self._selection, safe=True)
        self._checkpoint = Checkpoint(checkpoint)
        self._setup = requests.setup(self._wishes, self._selection, model)

    def flow(self, width: int | None, progress: Progress | None) -> Flow[EvaluationReport]:
        """Classify what the checkpoint does not hold, and report on all.

        Args:
            width: Calls at once.
            progress: Told how far it is.
        """
        marks = [mark_of(text, labels, self._setup) for text, labels in self._items]
        held = self._checkpoint.done
        outcomes: dict[int, Outcome] = {
            place: held[place, mark] for place, mark in enumerate(marks) if (place, mark) in held
        }
        resumed = len(outcomes)
        todo = [place for place in range(len(self._items)) if place not in outcomes]

        with self._checkpoint as checkpoint:

            def done(number: int, result: ClassifierResult) -> None:
                place = todo[number]
                outcome = outcome_of(place, self._items[place][1], result)
                outcomes[place] = outcome
                checkpoint.keep(marks[place], outcome)
                if progress is not None:
                    progress(len(outcomes), len(self._items))

            yield from self._requests.prepared(self._wishes, self._selection)
            yield from crowd(todo, self._call, width=width, done=done)
        ordered = tuple(outcomes[place] for place in range(len(self._items)))
        return EvaluationReport(outcomes=ordered, resumed=resumed)

    def _call(self, place: int) -> Flow[ClassifierResult]:
        return self._requests.call(self._items[place][0], self._wishes, self._selection)


def _pair(number: int, item: Any) -> tuple[str, tuple[str, ...]]:
    if isinstance(item, Mapping):
        item = item.get("text"), item.get("label", item.get("labels"))
    try:
        text, labels = item
        found = (labels,) if isinstance(labels, str) else tuple(labels)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"labelled[{number}] is no pair of a text and its label or labels"
        ) from error
    if not isinstance(text, str) or not found or not all(isinstance(one, str) for one in found):
        raise ConfigurationError(f"labelled[{number}] lacks a text or a label")
    return text, found
