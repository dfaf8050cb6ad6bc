"""Attempts that did not lead to the result: what was tried, and why it was not kept."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Attempt(BaseModel):
    """A statement or a piece of code that was refused or failed.

    Attributes:
        step: The step that it belongs to: ``sql`` or ``analysis``.
        text: The statement or the code, as the model wrote it; empty when its reply held none.
        reason: What was wrong with it.
        error_type: Name of the error's class.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    step: str
    text: str
    reason: str
    error_type: str
