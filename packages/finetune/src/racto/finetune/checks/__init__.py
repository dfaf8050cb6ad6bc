"""Validation of training data: findings that name line, message and rule."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .checker import ValidationReport as ValidationReport, check_examples as check_examples
    from .findings import Finding as Finding
    from .personal import (
        find_personal_data as find_personal_data,
        redact_personal_data as redact_personal_data,
    )
    from .repeats import find_leaks as find_leaks

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "checker": "ValidationReport check_examples",
        "findings": "Finding",
        "personal": "find_personal_data redact_personal_data",
        "repeats": "find_leaks",
    },
)
