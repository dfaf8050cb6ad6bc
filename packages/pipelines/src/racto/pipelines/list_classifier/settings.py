"""What a pipeline was told once and for all: checked at the start, then only read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from racto.core.errors import ConfigurationError
from racto.core.prompts import RactoPrompt

from .options import Options

SelectionMode: TypeAlias = Literal["single", "multiple"]
"""Exactly one option, or one or more."""

OutputFormat: TypeAlias = Literal["string", "dict", "pydantic"]
"""What ``run`` returns: joined text, a dictionary, or a ``ClassifierResult``."""


class Omitted:
    """Stands for an argument that was not given, where None means something."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "<omitted>"


OMITTED: Final = Omitted()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassifierSettings:
    """The settings of a pipeline, but for its services.

    Attributes:
        selection_mode: One option or several.
        output_format: What a call returns.
        prompt: The caller's system prompt; None for the built-in one.
        temperature: Sampling temperature.
        max_tokens: Most tokens of a reply.
        max_retries: How often the model is asked again.
        include_confidence: Whether confidences are wanted.
        include_reasoning: Whether a reason is wanted.
        score_all: Whether a score of each option is wanted.
        fuzzy_fallback: Whether slips in a reply are corrected.
        uncertain_label: The option for what fits none.
        confidence_threshold: Least confidence of a selection.
        label_thresholds: The same by option.
        case_sensitive: Whether case tells replies apart.
        safe_mode: Whether errors are returned on the result.
        examples: Texts that belong to an option, by option.
        shortlist_size: Options that the model is shown when there are more.
        use_logprobs: Whether to ask for the tokens' probabilities.
        audit_content: Whether texts and reasons go into audit records.
        user_id: Who asks when a call does not say.
    """

    selection_mode: SelectionMode = "single"
    output_format: OutputFormat = "pydantic"
    prompt: RactoPrompt | None = None
    temperature: float = 0.0
    max_tokens: int = 512
    max_retries: int = 2
    include_confidence: bool = True
    include_reasoning: bool = False
    score_all: bool = False
    fuzzy_fallback: bool = True
    uncertain_label: str | None = None
    confidence_threshold: float | None = None
    label_thresholds: Mapping[str, float] = field(default_factory=dict)
    case_sensitive: bool = False
    safe_mode: bool = False
    examples: Mapping[str, Sequence[str]] = field(default_factory=dict)
    shortlist_size: int = 20
    use_logprobs: bool = True
    audit_content: bool = False
    user_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no call could honour.

        Raises:
            ConfigurationError: If a setting is out of its range.
        """
        check_choice("selection_mode", self.selection_mode, ("single", "multiple"))
        check_choice("output_format", self.output_format, ("string", "dict", "pydantic"))
        check_range("temperature", self.temperature, 0.0, 2.0)
        check_range("confidence_threshold", self.confidence_threshold, 0.0, 1.0)
        for label, threshold in self.label_thresholds.items():
            check_range(f"label_thresholds[{label!r:.60}]", threshold, 0.0, 1.0)
        for name in ("max_tokens", "shortlist_size"):
            check_range(name, getattr(self, name), 1, None)
        check_range("max_retries", self.max_retries, 0, None)
        if self.uncertain_label is not None and not self.uncertain_label.strip():
            raise ConfigurationError("uncertain_label is blank; name it, or leave it out")


class Wishes(NamedTuple):
    """What one call asks for; the pipeline's own settings where it did not say.

    Attributes:
        options: Checked options; None when neither call nor pipeline has any.
        selection_mode: One option or several.
        temperature: Sampling temperature.
        max_tokens: Most tokens of a reply.
        threshold: Least confidence of a selection.
        session_id: The conversation; None for none.
        user_id: Who asks.
        safe: Whether errors are returned on the result.
    """

    options: Options | None
    selection_mode: SelectionMode
    temperature: float
    max_tokens: int
    threshold: float | None
    session_id: str | None
    user_id: str | None
    safe: bool


def check_choice(name: str, value: Any, known: tuple[str, ...]) -> None:
    """Refuse a word that is none of those known.

    Raises:
        ConfigurationError: If it is another one.
    """
    if value not in known:
        raise ConfigurationError(f"{name} is one of {', '.join(known)}, not {value!r:.60}")


def check_range(name: str, value: float | None, least: float, most: float | None) -> None:
    """Refuse a number that is out of range; None is fine.

    Raises:
        ConfigurationError: If it is below ``least``, above ``most``, or not a number.
    """
    if value is None:
        return
    # Written so that NaN fails: it compares false with everything.
    if not (value >= least and (most is None or value <= most)):
        bound = f"at least {least:g}" if most is None else f"from {least:g} to {most:g}"
        raise ConfigurationError(f"{name} is {bound}, not {value!r:.60}")
