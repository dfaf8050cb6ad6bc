"""How sure a model was of each token that it wrote, in one shape for all providers."""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, field_validator

LEAST = -9999.0
"""Stands for a probability of nothing, which JSON cannot write as a logarithm."""


class TokenLogprob(BaseModel):
    """One token and the logarithm of its probability.

    Attributes:
        token: The token's text, as the provider writes it.
        logprob: Natural logarithm of its probability, at most about 0; at least :data:`LEAST`.
        alternatives: The likeliest tokens at this place, best first, as many as were asked for;
            the token itself is one of them when it was among the likeliest.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    token: str
    logprob: float
    alternatives: tuple[TokenLogprob, ...] = ()

    @field_validator("logprob")
    @classmethod
    def _finite(cls, value: float) -> float:
        # Written so that NaN is caught too: it compares false with everything.
        return value if LEAST < value < math.inf else LEAST

    @property
    def probability(self) -> float:
        """The probability itself, 0.0 to 1.0."""
        return min(1.0, math.exp(self.logprob))
