"""Until when providers tune models: the dates that they have told, and a warning that says so."""

from __future__ import annotations

import warnings
from datetime import date

OPENAI_NEWCOMERS = date(2026, 5, 7)
"""Since then organisations that never tuned a model can make no job at OpenAI."""
OPENAI_IDLE = date(2026, 7, 2)
"""Since then those cannot either that had not used a tuned model for 60 days."""
OPENAI_LAST_JOBS = date(2027, 1, 6)
"""The last day on which anybody can make a job at OpenAI; tuned models stay usable."""

ELSEWHERE = (
    "The dataset can be exported for trainers of your own hardware, such as TRL "
    "(provider='trl'), for Vertex AI ('gemini') and for Amazon Bedrock ('anthropic')."
)


class TuningRetirementWarning(UserWarning):
    """A provider ends its tuning service, or has ended it."""


def openai_notice(today: date | None = None) -> str:
    """What a user of OpenAI's own tuning service must know.

    Source: the deprecations page of OpenAI's documentation.

    Args:
        today: The day; the system's when None.
    """
    past = (today or date.today()) > OPENAI_LAST_JOBS
    end = "takes" if not past else "was to take"
    return (
        f"OpenAI {end} no new fine-tuning jobs after {OPENAI_LAST_JOBS}. Organisations without a "
        f"tuned model have been shut out since {OPENAI_NEWCOMERS}, and those that had not used "
        f"one for 60 days since {OPENAI_IDLE}. {ELSEWHERE}"
    )


def warn_of_openai() -> None:
    """Warn of the end of OpenAI's service, which Python shows once a process."""
    # The caller's line is of no use: the warning is about the service, not about the call.
    warnings.warn(openai_notice(), TuningRetirementWarning, stacklevel=2)
