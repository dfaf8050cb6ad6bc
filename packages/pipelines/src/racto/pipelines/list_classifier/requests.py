"""From the arguments of a call to its flow: what was given, checked, over the pipeline's own."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow

from .batches import Progress, batch
from .calls import Calls, failed
from .inquiry import Inquiry
from .options import Options
from .results import ClassifierResult
from .selections import Selection, Selections, checked_options
from .settings import (
    OMITTED,
    ClassifierSettings,
    Omitted,
    OutputFormat,
    SelectionMode,
    Wishes,
    check_choice,
    check_range,
)

Shape: TypeAlias = Callable[[ClassifierResult], Any]
"""Brings a result into the form that was asked for."""


class Given(NamedTuple):
    """The arguments of a call, as they were given."""

    options: Options | Omitted | None = OMITTED
    selection_mode: SelectionMode | None = None
    output_format: OutputFormat | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    confidence_threshold: float | Omitted | None = OMITTED
    session_id: str | None = None
    user_id: str | None = None


class Requests:
    """Makes flows of calls.

    Args:
        settings: The pipeline's settings.
        selections: The pipeline's options.
        calls: Runs a call.
        inquiry: Prepares options.
        has_memory: Whether equal texts may be answered differently, by what was said before.
    """

    def __init__(
        self,
        settings: ClassifierSettings,
        selections: Selections,
        *,
        calls: Calls,
        inquiry: Inquiry,
        has_memory: bool,
    ) -> None:
        self._settings = settings
        self._selections = selections
        self._calls = calls
        self._inquiry = inquiry
        self._has_memory = has_memory

    @property
    def selection(self) -> Selection:
        """The pipeline's options now."""
        return self._selections.now

    def one(self, text: str, given: Given) -> tuple[Flow[ClassifierResult], Shape]:
        """A call for one text, and the form of its result.

        Args:
            text: What to classify.
            given: The arguments.

        Raises:
            ConfigurationError: If an argument is out of range, outside of safe mode.
        """
        # Read once: another thread may change the options while this call is made.
        selection = self._selections.now
        try:
            wishes = self.wishes(given, selection, safe=self._settings.safe_mode)
            shape = self._shape(given.output_format)
        except ConfigurationError as error:
            if not self._settings.safe_mode:
                raise
            return _ended(self._refused(text, error)), self._shape(None)
        return self._calls.call(text, wishes, selection.descriptions), shape

    def many(
        self,
        texts: Sequence[str],
        given: Given,
        *,
        width: int | None,
        deduplicate: bool,
        progress: Progress | None,
    ) -> tuple[Flow[list[ClassifierResult]], Shape]:
        """A batch, and the form of its results.

        Args:
            texts: What to classify.
            given: The arguments.
            width: Calls at once.
            deduplicate: Whether equal texts are asked once.
            progress: Told how far it is.

        Raises:
            ConfigurationError: If an argument is out of range, outside of safe mode.
        """
        selection = self._selections.now
        try:
            wishes = self.wishes(given, selection, safe=self._settings.safe_mode)
            shape = self._shape(given.output_format)
        except ConfigurationError as error:
            if not self._settings.safe_mode:
                raise
            return _ended([self._refused(text, error) for text in texts]), self._shape(None)
        # In a conversation each answer changes what the next text means.
        alike = deduplicate and not (self._has_memory and wishes.session_id is not None)
        return self.batch(
            texts, wishes, selection, width=width, progress=progress, deduplicate=alike
        ), shape

    def batch(
        self,
        texts: Sequence[str],
        wishes: Wishes,
        selection: Selection,
        *,
        width: int | None,
        progress: Progress | None,
        deduplicate: bool,
    ) -> Flow[list[ClassifierResult]]:
        """A batch of checked arguments.

        Args:
            texts: What to classify.
            wishes: What is asked for.
            selection: The options' descriptions.
            width: Calls at once.
            progress: Told how far it is.
            deduplicate: Whether equal texts are asked once.
        """
        if texts:
            yield from self.prepared(wishes, selection)
        call, descriptions = self._calls.call, selection.descriptions
        return (
            yield from batch(
                texts,
                lambda text: call(text, wishes, descriptions),
                width=width,
                progress=progress,
                deduplicate=deduplicate,
            )
        )

    def call(self, text: str, wishes: Wishes, selection: Selection) -> Flow[ClassifierResult]:
        """One call of checked arguments.

        Args:
            text: What to classify.
            wishes: What is asked for.
            selection: The options' descriptions.
        """
        return self._calls.call(text, wishes, selection.descriptions)

    def prepared(self, wishes: Wishes, selection: Selection) -> Flow[None]:
        """Embed the options once and before all calls, or each of the first would.

        Args:
            wishes: What is asked for.
            selection: The options' descriptions.
        """
        if not isinstance(wishes.options, tuple):
            return
        try:
            yield from self._inquiry.prepared(wishes.options, selection.descriptions)
        except Exception:
            # In safe mode each call meets the error again, and carries it on its result.
            if not wishes.safe:
                raise

    def wishes(self, given: Given, selection: Selection, *, safe: bool) -> Wishes:
        """What a call asks for, over the pipeline's own settings.

        Args:
            given: The arguments.
            selection: The pipeline's options.
            safe: Whether errors are returned.

        Raises:
            ConfigurationError: If an argument is out of range.
        """
        settings = self._settings
        options, mode, _, temperature, max_tokens, threshold, session_id, user_id = given
        if options is None or isinstance(options, Omitted):
            options = selection.options
        else:
            options = checked_options(options)
        if mode is not None:
            check_choice("selection_mode", mode, ("single", "multiple"))
        if temperature is not None:
            check_range("temperature", temperature, 0.0, 2.0)
        if max_tokens is not None:
            check_range("max_tokens", max_tokens, 1, None)
        if isinstance(threshold, Omitted):
            threshold = settings.confidence_threshold
        elif threshold is not None:
            check_range("confidence_threshold", threshold, 0.0, 1.0)
        return Wishes(
            options,
            mode or settings.selection_mode,
            settings.temperature if temperature is None else temperature,
            max_tokens or settings.max_tokens,
            threshold,
            session_id,
            user_id or settings.user_id,
            safe,
        )

    def setup(self, wishes: Wishes, selection: Selection, model: str) -> str:
        """Stands for all that an outcome depends on beside its text: a digest to compare.

        Args:
            wishes: What is asked for.
            selection: The options' descriptions.
            model: Who is asked.
        """
        # Who asks, and how it is told, changes no answer.
        settings = replace(
            self._settings,
            user_id=None,
            safe_mode=False,
            audit_content=False,
            output_format="pydantic",
        )
        told = sorted(selection.descriptions.items())
        whole = repr((model, settings, wishes.options, told))
        return hashlib.sha256(whole.encode("utf-8", "backslashreplace")).hexdigest()

    def _shape(self, output_format: OutputFormat | None) -> Shape:
        if output_format is not None:
            check_choice("output_format", output_format, tuple(_SHAPES))
        return _SHAPES[output_format or self._settings.output_format]

    def _refused(self, text: str, error: ConfigurationError) -> ClassifierResult:
        wishes = self.wishes(Given(), self._selections.now, safe=True)
        return failed(text, wishes._replace(options=None), error)


def _as_it_is(result: ClassifierResult) -> ClassifierResult:
    return result


_SHAPES: dict[str, Shape] = {
    "pydantic": _as_it_is,
    "string": ClassifierResult.as_string,
    "dict": ClassifierResult.as_dict,
}


def _ended(value: Any) -> Flow[Any]:
    """A flow that has nothing to ask for."""
    yield from ()
    return value
