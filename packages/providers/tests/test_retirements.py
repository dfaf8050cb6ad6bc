"""A model that goes soon is warned about: once, in time, and never as an error."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import date

import pytest

from racto.core import ChatConfig
from racto.providers import ModelRetirementWarning, retirements
from racto.providers.openai import OpenAIDeveloperKit
from racto.providers.retirements import warn_of_retirement


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing has been warned about yet, and afterwards it is as it was."""
    monkeypatch.setattr(retirements, "_seen", set())
    monkeypatch.setattr(retirements, "_warned", set())


def told(model: str, today: date) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_retirement("openai", model, today=today)
    assert all(warning.category is ModelRetirementWarning for warning in caught)
    return [str(warning.message) for warning in caught]


def test_a_model_is_warned_about_a_month_before_its_end() -> None:
    assert told("gpt-4o", date(2026, 12, 14)) == []
    retirements._seen.clear()
    (message,) = told("gpt-4o", date(2026, 12, 15))
    assert "gpt-4o of openai is withdrawn on 2027-01-14, in 30 days" in message
    assert "model=" in message


def test_a_model_that_is_gone_is_said_to_be_gone() -> None:
    (message,) = told("gpt-4o-2024-08-06", date(2027, 2, 1))
    assert "was withdrawn on 2027-01-14" in message


def test_a_model_is_warned_about_once_whatever_its_date() -> None:
    assert len(told("gpt-4o", date(2027, 1, 1))) == 1
    assert told("gpt-4o", date(2027, 1, 1)) == []
    assert told("gpt-4o-2024-08-06", date(2027, 1, 1)) == []
    assert len(told("gpt-4o-mini", date(2027, 1, 1))) == 1


def test_models_that_stay_or_are_not_known_are_not_warned_about() -> None:
    assert told("gpt-5.4-mini", date(2027, 1, 1)) == []
    assert told("never-heard-of", date(2027, 1, 1)) == []
    warn_of_retirement("", "gpt-4o", today=date(2027, 1, 1))


def test_names_from_outside_do_not_fill_the_memory() -> None:
    for number in range(3000):
        warn_of_retirement("openai", f"made-up-{number}")
    assert len(retirements._seen) <= 1024


def test_a_kit_warns_when_a_model_is_first_asked_and_asks_it_all_the_same(
    make_kit: Callable[..., OpenAIDeveloperKit],
) -> None:
    # Long gone, so that this holds on any day.
    kit = make_kit("gpt-3.5-turbo")
    with pytest.warns(ModelRetirementWarning, match=r"gpt-3.5-turbo.*withdrawn"):
        assert kit.chat(ChatConfig(user_message="hi")).content
    kit.chat(ChatConfig(user_message="hi"))
    with pytest.warns(ModelRetirementWarning, match="gpt-4-turbo"):
        kit.chat(ChatConfig(user_message="hi", model="gpt-4-turbo"))
