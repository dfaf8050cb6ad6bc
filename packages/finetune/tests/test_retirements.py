"""The dates at which providers end their services are told, before them and after."""

from __future__ import annotations

from datetime import date

import pytest

from racto.finetune import TuningRetirementWarning
from racto.finetune.retirements import OPENAI_LAST_JOBS, openai_notice, warn_of_openai


def test_the_last_day_is_told_before_and_after_it() -> None:
    assert openai_notice(OPENAI_LAST_JOBS).startswith("OpenAI takes no new fine-tuning jobs after")
    assert openai_notice(date(2027, 1, 7)).startswith("OpenAI was to take no new")
    for day in ("2026-05-07", "2026-07-02", "2027-01-06"):
        assert day in openai_notice()


def test_the_warning_is_for_people() -> None:
    # Python hides a DeprecationWarning from everyone but the authors of a program.
    assert issubclass(TuningRetirementWarning, UserWarning)
    with pytest.warns(TuningRetirementWarning, match="Amazon Bedrock"):
        warn_of_openai()
