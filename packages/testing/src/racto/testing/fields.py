"""What the models of all providers' requests share: nothing unknown, nothing converted."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler
from pydantic_core import CoreSchema

T = TypeVar("T")


class Strict(BaseModel):
    """A JSON object of which the API knows every field."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, defer_build=True)


class _NotNull:
    """Takes the None out of an optional type: it stands for a field that was left out."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        return schema["schema"] if schema["type"] == "nullable" else schema


Given: TypeAlias = Annotated[T | None, _NotNull()]
"""A field that may be left out, but not be null."""
