"""How far a share that was counted in a sample may be from the truth: Wilson's interval."""

from __future__ import annotations

import math
from statistics import NormalDist

from racto.core.errors import ConfigurationError


def wilson(successes: int, total: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share; (0.0, 1.0) when nothing was counted.

    Args:
        successes: How often it was so, 0 to ``total``.
        total: How often it was looked at.
        confidence: How often such an interval holds the truth, between 0 and 1.

    Raises:
        ConfigurationError: If a number is out of its range.
    """
    if not 0 <= successes <= total:
        raise ConfigurationError(f"successes must be 0 to {total}, not {successes}")
    z2 = _squared_quantile(confidence)
    if not total:
        return 0.0, 1.0
    share = successes / total
    centre = share + z2 / (2 * total)
    spread = math.sqrt(z2 * (share * (1 - share) + z2 / (4 * total)) / total)
    scale = 1 + z2 / total
    # Rounding must not push a bound past what is possible, or past the share itself.
    low = 0.0 if not successes else max(0.0, (centre - spread) / scale)
    high = 1.0 if successes == total else min(1.0, (centre + spread) / scale)
    return min(low, share), max(high, share)


def flawless_needed(share: float, *, confidence: float = 0.95) -> int:
    """How many successes without a failure it takes before the lower bound reaches a share.

    Args:
        share: The share to be sure of, 0 up to but not 1.
        confidence: As for :func:`wilson`.

    Raises:
        ConfigurationError: If a number is out of its range.
    """
    if not 0.0 <= share < 1.0:
        raise ConfigurationError(f"a share to be sure of must be 0 up to but not 1, not {share}")
    return max(1, math.ceil(_squared_quantile(confidence) * share / (1 - share) - 1e-9))


def _squared_quantile(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise ConfigurationError(f"confidence must be between 0 and 1, not {confidence}")
    return NormalDist().inv_cdf((1 + confidence) / 2) ** 2
