"""What a classification returns, and the record that is kept of it."""

from __future__ import annotations

from enum import Enum
from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from .enums import enum_of

CacheHit: TypeAlias = Literal["exact", "semantic"]
"""Which cache a reply came from."""

ConfidenceSource: TypeAlias = Literal["logprobs", "model"]
"""Where confidences come from: the probabilities of the tokens, or the model's own word."""

_M = TypeVar("_M", bound=BaseModel)


class ClassifierUsage(BaseModel):
    """Tokens and retries of one call of the pipeline; all zero for a cache hit.

    Attributes:
        input_tokens: Input tokens of all attempts, those that the provider had cached included.
        output_tokens: Generated tokens of all attempts.
        retry_count: How often the model was asked again because its reply did not fit.
        cost: Price of all attempts in the kit's currency; None when a price is unknown.
    """

    model_config = ConfigDict(frozen=True)

    input_tokens: int = 0
    output_tokens: int = 0
    retry_count: int = 0
    cost: float | None = None

    @property
    def total_tokens(self) -> int:
        """Input and output together."""
        return self.input_tokens + self.output_tokens


# One for all: most results of a cached batch need no other.
NO_USAGE = ClassifierUsage()
"""The usage of a call in which no model was asked."""


class AuditEntry(BaseModel):
    """The record of one call; the reference's fields, and where a confidence came from.

    An entry that the pipeline makes itself holds no text of the user's, and none of the model's
    reasoning, unless ``audit_content`` is set.

    Attributes:
        timestamp: When the call began, ISO 8601 in UTC.
        user_query: What was asked; empty unless content is kept.
        options_provided: The options that the model was shown.
        selected: What it chose; empty after an error.
        confidences: One for each of ``selected``.
        confidence_source: Where they come from.
        all_scores: Scores by option, when they were asked for.
        reasoning: The model's reason, when it was asked for and content is kept.
        fuzzy_corrected: Whether a misspelt reply was corrected.
        uncertain: Whether the model chose the uncertain label.
        cache_hit: Which cache answered; None for a model's answer.
        user_id: Who asked.
        session_id: The conversation.
        latency_ms: Duration of the whole call in milliseconds.
        usage: ``input_tokens``, ``output_tokens``, ``total_tokens`` and ``retry_count``.
        error: Why there is no answer.
    """

    model_config = ConfigDict(frozen=True)

    timestamp: str
    user_query: str
    options_provided: list[str] = Field(default_factory=list)
    selected: list[str] = Field(default_factory=list)
    confidences: list[float] | None = None
    confidence_source: ConfidenceSource | None = None
    all_scores: dict[str, float] | None = None
    reasoning: str | None = None
    fuzzy_corrected: bool = False
    uncertain: bool = False
    cache_hit: CacheHit | None = None
    user_id: str | None = None
    session_id: str | None = None
    latency_ms: float = 0.0
    usage: dict[str, int] = Field(default_factory=dict)
    error: str | None = None


class ClassifierResult(BaseModel):
    """The option or options that a text belongs to, and how that was found.

    Attributes:
        user_query: The text, of this very call also when a cache answered.
        options_provided: What the model could choose from, ``uncertain_label`` included; the
            shortlist where there was one, and all stages' options for a tree.
        selected: What was chosen, most confident first; empty after an error.
        confidences: One for each of ``selected``, 0.0 to 1.0; None when there are none, which is
            never taken for certainty.
        confidence_source: ``"logprobs"`` when they are probabilities of the model's tokens,
            ``"model"`` when the model named them itself.
        all_scores: The model's scores by option; options that it left out are left out.
        reasoning: Its reason, when it was asked for one.
        fuzzy_corrected: Whether something in ``selected`` was written otherwise by the model.
        corrections: For each corrected option, what the model wrote.
        uncertain: Whether it chose the uncertain label.
        below_threshold: Whether the selection misses its threshold and is kept only because
            nothing passed.
        path: From the root of an option tree to the choice; None for plain lists.
        shortlisted: Whether ``options_provided`` is a shortlist.
        deduplicated: Whether an equal text of the same batch was answered in its place.
        cache_hit: Which cache answered; None for a model's answer.
        usage: Tokens and retries.
        error: Why there is no answer; only in safe mode.
    """

    model_config = ConfigDict(frozen=True)

    user_query: str
    options_provided: list[str]
    selected: list[str] = Field(default_factory=list)
    confidences: list[float] | None = None
    confidence_source: ConfidenceSource | None = None
    all_scores: dict[str, float] | None = None
    reasoning: str | None = None
    fuzzy_corrected: bool = False
    corrections: dict[str, str] = Field(default_factory=dict)
    uncertain: bool = False
    below_threshold: bool = False
    path: list[str] | None = None
    shortlisted: bool = False
    deduplicated: bool = False
    cache_hit: CacheHit | None = None
    usage: ClassifierUsage = Field(default_factory=ClassifierUsage)
    error: str | None = None

    @property
    def first(self) -> str | None:
        """The most confident choice; None when there is none."""
        return self.selected[0] if self.selected else None

    @property
    def top_confidence(self) -> float | None:
        """Its confidence, 0.0 to 1.0; None when it is unknown."""
        return self.confidences[0] if self.confidences else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was chosen, as after an error."""
        return not self.selected

    def as_string(self, separator: str = ", ") -> str:
        """The chosen options as one text.

        Args:
            separator: Stands between them.
        """
        return separator.join(self.selected)

    def as_dict(self) -> dict[str, Any]:
        """``selected``, and ``confidences``, ``all_scores``, ``reasoning`` and ``path`` if known."""
        facts: dict[str, Any] = {"selected": list(self.selected)}
        for name in ("confidences", "all_scores", "reasoning", "path"):
            if (value := getattr(self, name)) is not None:
                facts[name] = value.copy() if isinstance(value, (list, dict)) else value
        # Not in the reference, where an error and an empty choice look the same as data.
        if self.error is not None:
            facts["error"] = self.error
        return facts

    def as_enum(self, name: str = "SelectedOptions") -> type[Enum]:
        """The chosen options as an enum class; each option is name and value of its member.

        Args:
            name: Name of the class.
        """
        return enum_of(self.selected, name)

    def top_n(self, n: int) -> list[str]:
        """The first choices.

        Args:
            n: How many at most.
        """
        # A negative end would count from behind.
        return self.selected[: max(0, n)]

    def score_for(self, option: str) -> float | None:
        """The score of an option, from ``all_scores`` or else from its confidence.

        Args:
            option: The option, as it was given.
        """
        if self.all_scores is not None and option in self.all_scores:
            return self.all_scores[option]
        if self.confidences is not None and option in self.selected:
            return self.confidences[self.selected.index(option)]
        return None

    def to_audit_entry(
        self,
        *,
        timestamp: str,
        user_id: str | None = None,
        session_id: str | None = None,
        latency_ms: float = 0.0,
    ) -> AuditEntry:
        """The record of this result, with the user's text.

        Args:
            timestamp: When the call began, ISO 8601 in UTC.
            user_id: Who asked.
            session_id: The conversation.
            latency_ms: Duration of the call in milliseconds.
        """
        usage = self.usage
        return AuditEntry(
            **{name: getattr(self, name) for name in _SHARED},
            timestamp=timestamp,
            user_id=user_id,
            session_id=session_id,
            latency_ms=latency_ms,
            usage={
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
                "total_tokens": usage.total_tokens,
                "retry_count": usage.retry_count,
            },
        )


# A field with the same name in both means the same.
_SHARED = tuple(
    name
    for name in AuditEntry.model_fields
    if name in ClassifierResult.model_fields and name != "usage"
)


def assembled(kind: type[_M], values: dict[str, Any]) -> _M:
    """A model of values that need no check; for every field one.

    Args:
        kind: The model.
        values: All its fields, already of the right types.
    """
    made = kind.__new__(kind)
    # Validation, and pydantic's model_construct, cost more than the rest of a call together.
    put = object.__setattr__
    put(made, "__dict__", values)
    put(made, "__pydantic_fields_set__", set(values))
    put(made, "__pydantic_extra__", None)
    put(made, "__pydantic_private__", None)
    return made
