"""Rate limits: the algorithm, and a limiter for one process."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .guards import (
        Guard as Guard,
        Spending as Spending,
    )
    from .limiter import LocalRateLimiter as LocalRateLimiter
    from .rules import (
        Rule as Rule,
        Verdict as Verdict,
        rules_of as rules_of,
    )
    from .windows import Window as Window

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "guards": "Guard Spending",
        "limiter": "LocalRateLimiter",
        "rules": "Rule Verdict rules_of",
        "windows": "Window",
    },
)
