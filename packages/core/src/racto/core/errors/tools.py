"""Errors of tools, worded so that the model that called can read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from racto.core.secrets import redact

from .root import RactoGatewayError


class ToolError(RactoGatewayError):
    """A tool could not be run."""


class ToolNotFoundError(ToolError, KeyError):
    """The model asked for a tool that is not registered."""


class ToolArgumentsError(ToolError, ValueError):
    """The model's arguments do not fit the tool; ``problems`` has one line for each mistake."""

    def __init__(self, message: str, *, problems: Sequence[str] = (), **facts: Any) -> None:
        super().__init__(message, **facts)
        self.problems = tuple(map(redact, problems))


class ToolExecutionError(ToolError):
    """The tool raised; its own exception is the ``__cause__``."""
