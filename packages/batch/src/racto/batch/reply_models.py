"""Reply models that are known by their JSON Schema only, as files and earlier processes leave them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, ConfigDict, model_validator

from racto.core.conformity import problems
from racto.core.errors import ConfigurationError
from racto.core.schemas import type_schema

_MOST_PROBLEMS = 8


def model_of_schema(schema: Mapping[str, Any]) -> type[BaseModel]:
    """A model whose instances are the JSON values that satisfy ``schema``; the same for the same.

    Raises:
        ConfigurationError: If it describes no JSON object.
    """
    if not isinstance(schema.get("type", "object"), str) or schema.get("type") not in (
        None,
        "object",
    ):
        raise ConfigurationError(
            "response_model: a reply's JSON Schema describes an object; put the value into a "
            "property of one"
        )
    text = schema_text(schema)
    if text not in _MADE:
        # Kits send the name along, and providers take plain ones only.
        name = re.sub(r"[^A-Za-z0-9_-]", "_", str(schema.get("title") or ""))[:64] or "Reply"
        made: type[_SchemaReply] = type(name, (_SchemaReply,), {"__module__": __name__})
        made.reply_schema = dict(schema)
        if len(_MADE) >= _MOST_MADE:
            _MADE.clear()
        _MADE[text] = made
    return _MADE[text]


def schema_text(model: type[BaseModel] | Mapping[str, Any]) -> str:
    """The JSON Schema of a model as text; equal for equal schemas."""
    schema = type_schema(model) if isinstance(model, type) else model
    return orjson.dumps(schema, option=orjson.OPT_SORT_KEYS).decode()


class _SchemaReply(BaseModel):
    """A reply that is held to a JSON Schema instead of to fields."""

    model_config = ConfigDict(extra="allow", frozen=True, protected_namespaces=())
    reply_schema: ClassVar[dict[str, Any]] = {}

    @model_validator(mode="before")
    @classmethod
    def _fits(cls, data: Any) -> Any:
        found = problems(data, cls.reply_schema, path="reply")
        if found:
            raise ValueError("; ".join(found[:_MOST_PROBLEMS]))
        return data

    @classmethod
    def model_json_schema(cls, *_: Any, **__: Any) -> dict[str, Any]:
        """The schema as it was given."""
        return dict(cls.reply_schema)


# A class costs pydantic a millisecond, and a file names the same schema on every line.
_MADE: dict[str, type[BaseModel]] = {}
_MOST_MADE = 1000
