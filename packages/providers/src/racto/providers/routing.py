"""A model for each message by how hard it looks, so that easy ones need not cost what hard ones do."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.messages import MessageRole
from racto.core.protocols.chat import ChatKit

from .complexity import Complexity, ComplexityGauge, Keywords


class RoutingTier(BaseModel):
    """One tier of the ladder.

    Attributes:
        model: Model for messages that fall into this tier.
        max_score: Highest score that still falls into it, 0 to 100. The last tier takes
            everything above the others, whatever its own number says.
        kit: Kit that asks the model, where the tiers lie with several providers; see
            :class:`~racto.providers.RoutedKit`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True
    )

    model: str = Field(min_length=1)
    max_score: float = Field(ge=0.0, le=100.0)
    kit: ChatKit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingDecision:
    """Where a message goes, and why.

    Attributes:
        model: Model to ask.
        score: How hard the message looks, 0 to 100.
        tier: Position of the tier, 0 for the cheapest.
        reasons: What made the score, and how it met the tier, for people.
    """

    model: str
    score: int
    tier: int
    reasons: tuple[str, ...]


class CostAwareRouter:
    """Routes each message to the first tier whose ``max_score`` its score does not exceed.

    No call is made for it. The score is the reference's for plain English and counts words as
    words (the reference finds "prove" in "improve"); other languages, code, formulas and lists
    count as well: see :mod:`racto.providers.complexity`.

    Args:
        tiers: The ladder, cheapest first; ``max_score`` must rise from tier to tier.
        keywords: Words of your own that ask for hard work, in any language.

    Raises:
        ConfigurationError: If there are no tiers, or they do not rise; it is a ``ValueError``.
    """

    def __init__(self, tiers: Sequence[RoutingTier], *, keywords: Keywords = ()) -> None:
        if not tiers:
            raise ConfigurationError("tiers is empty; a router needs at least one RoutingTier")
        for lower, upper in itertools.pairwise(tiers):
            if upper.max_score <= lower.max_score:
                raise ConfigurationError(
                    f"tiers must rise by max_score, cheapest first: {upper.model} has "
                    f"{upper.max_score:g} after {lower.model} with {lower.max_score:g}"
                )
        self._tiers = tuple(tiers)
        self._gauge = ComplexityGauge(keywords)
        self._last = len(tiers) - 1
        self._limits = tuple(tier.max_score for tier in tiers[:-1])

    @property
    def tiers(self) -> tuple[RoutingTier, ...]:
        """The ladder, cheapest first."""
        return self._tiers

    def score(self, text: str) -> int:
        """How hard a message looks, 0 to 100."""
        return self._gauge.score(text)

    def route(self, text: str) -> str:
        """The model for a message; there always is one, because the last tier takes the rest."""
        return self._tiers[self._tier(self._gauge.score(text))].model

    def decide(self, text: str) -> RoutingDecision:
        """The model for a message, with its score and the reasons for it."""
        measured = self._gauge.measure(text)
        tier = self._tier(measured.score)
        return RoutingDecision(
            model=self._tiers[tier].model,
            score=measured.score,
            tier=tier,
            reasons=(*_points(measured), self._met(tier)),
        )

    def __repr__(self) -> str:
        ladder = ", ".join(f"{tier.model} to {tier.max_score:g}" for tier in self._tiers)
        return f"CostAwareRouter({ladder})"

    def _tier(self, score: int) -> int:
        for number, limit in enumerate(self._limits):
            if score <= limit:
                return number
        return self._last

    def _met(self, tier: int) -> str:
        if tier == self._last:
            return "the last tier takes everything above the others"
        return f"the first tier that reaches as far goes to {self._tiers[tier].max_score:g}"


def question_of(config: ChatConfig) -> str:
    """The words to route a request by: its user message, else the user's last in the history.

    A request that only hands back the results of tools goes on with the question that called
    for them, and so belongs to the same tier.
    """
    if config.user_message:
        return config.user_message
    said = (turn.text for turn in reversed(config.history) if turn.role is MessageRole.USER)
    return next(filter(None, said), "")


def _points(measured: Complexity) -> tuple[str, ...]:
    length = f"about {measured.tokens} tokens: {measured.length_points:.3g} points"
    if not measured.signs:
        return (length, "no sign of hard work")
    return (length, f"{', '.join(measured.signs)}: {measured.sign_points} points")
