"""Models that are about to vanish: said once in time, so that nobody learns it from an outage."""

from __future__ import annotations

import warnings
from datetime import date

from .catalog import model_facts

NOTICE_DAYS = 30
"""How many days before its end a model is warned about."""

_REMEMBERED = 1024
_seen: set[tuple[str, str]] = set()
_warned: set[tuple[str, str | None]] = set()


class ModelRetirementWarning(UserWarning):
    """A model that is asked has been withdrawn by its provider, or will be within a month."""


def warn_of_retirement(provider: str, model: str, *, today: date | None = None) -> None:
    """Warn if a model is gone or goes soon; once a process and model.

    A warning and no error: the date may have been moved, and the provider has the last word.

    Args:
        provider: Who serves the model.
        model: Its name as it is asked for.
        today: The day to judge by; the system's when None.
    """
    key = (provider, model)
    if key in _seen:
        return
    # Names may come from outside; they must not fill the memory.
    if len(_seen) >= _REMEMBERED:
        _seen.clear()
    _seen.add(key)
    facts = model_facts(provider, model) if provider else None
    if facts is None or facts.retires is None or (provider, facts.listed_as) in _warned:
        return
    days = (date.fromisoformat(facts.retires) - (today or date.today())).days
    if days > NOTICE_DAYS:
        return
    _warned.add((provider, facts.listed_as))
    when = f"is withdrawn on {facts.retires}, in {days} days"
    if days < 0:
        when = f"was withdrawn on {facts.retires}; requests to it fail or go to another model"
    # The caller's line is a dozen frames up and differs by voice; 2 names this room.
    warnings.warn(
        f"{model} of {provider} {when}. Name another model= (from racto's catalog of models)",
        ModelRetirementWarning,
        stacklevel=2,
    )
