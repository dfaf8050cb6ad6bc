"""The errors of the retrieval server: what of a request, a service or a pipeline was wrong."""

from __future__ import annotations

import copy

from racto.core.errors import (
    ConfigurationError,
    EngineError,
    NotFoundError,
    OverloadedError,
    RactoGatewayError,
)


class InvalidRequestError(RactoGatewayError, ValueError):
    """A request has a missing or wrong field; nothing was run.

    Args:
        message: What is wrong, and what is expected there.
        field: Name of the field.
    """

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class QueueFullError(OverloadedError):
    """A service has as many requests waiting as it may; ``retry_after`` says when to come again."""


class ServiceClosedError(RactoGatewayError):
    """The service is draining or closed, and takes no further requests."""


class DocumentNotFoundError(NotFoundError):
    """A collection has no document of that id."""


class PipelineError(ConfigurationError):
    """A pipeline cannot be read, or asks for what is not there or not allowed.

    Args:
        message: What is wrong, and what may stand there.
        text: The pipeline as it was written.
        column: Where the fault is, counted from 1; 0 when it has no place.
    """

    def __init__(self, message: str, *, text: str = "", column: int = 0) -> None:
        self.text = text
        self.column = column
        if column:
            # A caret below the fault: pipelines are typed by people, and mostly short.
            start = max(0, column - 60)
            shown = text[start : start + 120].replace("\n", " ").replace("\t", " ")
            message = f"{message} (column {column})\n  {shown}\n  {' ' * (column - 1 - start)}^"
        super().__init__(message)


def own_error(error: BaseException, name: str) -> BaseException:
    """An error of an engine as one caller gets it: typed, and an instance of its own.

    Args:
        error: What the engine raised; it becomes the cause.
        name: The engine's name, for the message.
    """
    # One instance raised in several tasks would collect the tracebacks of all of them.
    if isinstance(error, RactoGatewayError):
        mine: BaseException = copy.copy(error)
    else:
        # The text of a foreign error may hold paths, queries or keys: it stays with the cause.
        mine = EngineError(f"engine {name!r} failed on this request: {type(error).__name__}")
    mine.__cause__ = error
    return mine
