"""Reading the JSON of a request: what it says, or the first thing that the API would not take."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError

ModelT = TypeVar("ModelT", bound=BaseModel)

Objection: TypeAlias = str
"""Why a request is refused, in the API's words: the place, a colon, what is wrong there."""


def read(model: type[ModelT], data: Any, *, is_beta: bool = False) -> ModelT | Objection:
    """Read JSON data as a request.

    Args:
        model: What the data should be.
        data: The parsed JSON.
        is_beta: Whether unknown fields and kinds within the known fields may pass.

    Returns:
        The request, or the first thing that the API would not take.
    """
    try:
        extra: Literal["allow"] | None = "allow" if is_beta else None
        return model.model_validate(data, extra=extra, context=is_beta)
    except ValidationError as error:
        # The API tells one fault at a time, and pydantic's words are its own.
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    except RecursionError:
        return "The request is nested too deeply"
    place = ".".join(str(part) for part in first["loc"])
    return f"{place}: {first['msg']}" if place else first["msg"]
