"""What a tool promises to return: a JSON Schema made of its return annotation, and its keeping."""

from __future__ import annotations

import functools
import inspect
import json
import logging
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired, Required

from pydantic import BaseModel, TypeAdapter, create_model
from pydantic.errors import PydanticUserError

from racto.core import (
    AudioPart,
    DocumentPart,
    ImagePart,
    LinkPart,
    RactoFile,
    TextPart,
    ToolResultPart,
)
from racto.core.conformity import problems
from racto.core.errors import ToolExecutionError
from racto.core.schemas import map_schema

_log = logging.getLogger("racto.tools.mcp")
_CONTENT = (AudioPart, DocumentPart, ImagePart, LinkPart, RactoFile, TextPart, ToolResultPart)
_LISTS = (list, tuple)
_OPEN = (Any, object, inspect.Signature.empty)


@dataclass(frozen=True, kw_only=True)
class OutputShape:
    """The schema of a tool's structured result.

    Attributes:
        schema: JSON Schema with an object at its root, as every version of the protocol takes it.
        wrapped: Whether the value stands under ``result``, because it is no object itself.
    """

    schema: dict[str, Any]
    wrapped: bool = False

    @classmethod
    def of_function(cls, function: Callable[..., Any]) -> OutputShape | None:
        """The shape that a function's return annotation promises; None when it promises none."""
        annotation = _return_annotation(function)
        return None if _is_free(annotation) else cls.of(annotation)

    @classmethod
    def of(cls, annotation: Any) -> OutputShape | None:
        """The shape of a type; None when it has no JSON Schema."""
        try:
            schema = _schema(annotation)
        except (PydanticUserError, NameError) as error:
            _log.debug("no output schema for %r: %s", annotation, error)
            return None
        root: Any = schema
        if "$ref" in schema:
            root = schema.get("$defs", {}).get(schema["$ref"].rpartition("/")[2], {})
        if root.get("type") == "object":
            return cls(schema={"type": "object", **schema})
        # References point at the root, so the definitions move there.
        definitions = schema.pop("$defs", None)
        whole: dict[str, Any] = {
            "type": "object",
            "properties": {"result": schema},
            "required": ["result"],
        }
        if definitions:
            whole["$defs"] = definitions
        return cls(schema=whole, wrapped=True)

    def structured(self, part: ToolResultPart) -> Any:
        """The structured result of an answer, checked against the schema.

        Raises:
            ToolExecutionError: If it does not fit, or the tool answered with content alone.
        """
        value = part.structured
        if self.wrapped:
            value = {"result": self._scalar(part) if value is None else value}
        found = problems(value, self.schema, path="result")
        if found:
            raise ToolExecutionError(
                f"Tool {part.name!r} returned what its output schema does not allow: "
                # A list of a thousand wrong rows would say it a thousand times.
                + "; ".join(found[:5])
            )
        return value

    def _scalar(self, part: ToolResultPart) -> Any:
        # Lists and objects come as data; of a number or a text only the words are left.
        if not isinstance(part.content, str):
            raise ToolExecutionError(
                f"Tool {part.name!r} returned content, where its annotation promises data"
            )
        try:
            value = json.loads(part.content)
        except ValueError:
            return part.content
        fits = not problems({"result": value}, self.schema)
        return value if fits else part.content


def _schema(annotation: Any) -> dict[str, Any]:
    if typing.is_typeddict(annotation):
        annotation = _as_model(annotation)
    # By field name, as results are written, unless the model itself writes aliases.
    config = getattr(annotation, "model_config", None) or {}
    schema = TypeAdapter(annotation).json_schema(
        mode="serialization", by_alias=bool(config.get("serialize_by_alias"))
    )
    return map_schema(schema, _untitled)


def _as_model(kind: Any) -> type[BaseModel]:
    # Before Python 3.12, pydantic does not take the TypedDict of the standard library.
    fields: dict[str, Any] = {}
    for name, hint in typing.get_type_hints(kind, include_extras=True).items():
        mark = typing.get_origin(hint)
        needed = mark is not NotRequired and (mark is Required or name in kind.__required_keys__)
        inner = typing.get_args(hint)[0] if mark in (Required, NotRequired) else hint
        fields[name] = (inner, ... if needed else None)
    return create_model(kind.__name__, **fields)


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    return {word: value for word, value in schema.items() if word != "title"}


def _return_annotation(function: Callable[..., Any]) -> Any:
    bare: Any = inspect.unwrap(function)
    while isinstance(bare, functools.partial):
        bare = inspect.unwrap(bare.func)
    if isinstance(bare, type):
        return inspect.Signature.empty
    if not inspect.isroutine(bare):
        bare = type(bare).__call__
    annotation = getattr(bare, "__annotations__", {}).get("return", inspect.Signature.empty)
    holder = types.SimpleNamespace(__annotations__={"return": annotation})
    cells = getattr(bare, "__closure__", None) or ()
    free = getattr(getattr(bare, "__code__", None), "co_freevars", ())
    try:
        near = {name: cell.cell_contents for name, cell in zip(free, cells, strict=False)}
        names = getattr(bare, "__globals__", {})
        return typing.get_type_hints(holder, names, near, include_extras=True)["return"]
    # Whatever an annotation of strings evaluates to or raises is its author's.
    except Exception as error:
        _log.debug("the return annotation of %r cannot be resolved: %s", function, error)
        return inspect.Signature.empty


def _is_free(annotation: Any) -> bool:
    """Whether an annotation leaves open what comes: text, content, anything, or nothing."""
    members = _members(annotation)
    if any(member in _OPEN or _is_content(member) for member in members):
        return True
    texts = [member for member in members if _is_text(member)]
    rest = [member for member in members if not _is_text(member) and member is not type(None)]
    if not rest:
        return not any(typing.get_origin(member) is Literal for member in texts)
    # "3" and 3 look the same in an answer's text, so such a union promises nothing.
    return bool(texts) and any(not _is_container(member) for member in rest)


def _members(annotation: Any) -> list[Any]:
    bare = _bare(annotation)
    if typing.get_origin(bare) in (typing.Union, types.UnionType):
        return [inner for arm in typing.get_args(bare) for inner in _members(arm)]
    return [type(None) if bare is None else bare]


def _bare(annotation: Any) -> Any:
    while typing.get_origin(annotation) is Annotated:
        annotation = annotation.__origin__
    return annotation


def _is_text(member: Any) -> bool:
    if typing.get_origin(member) is Literal:
        return any(isinstance(value, str) for value in typing.get_args(member))
    return isinstance(member, type) and issubclass(member, (str, bytes))


def _is_content(member: Any) -> bool:
    if typing.get_origin(member) in _LISTS or member in _LISTS:
        inner = [arm for item in typing.get_args(member) for arm in _members(item)]
        return not inner or any(arm in _OPEN or _is_content(arm) for arm in inner)
    return isinstance(member, type) and issubclass(member, _CONTENT)


def _is_container(member: Any) -> bool:
    kind = typing.get_origin(member) or member
    if not isinstance(kind, type) or issubclass(kind, Enum):
        return False
    return issubclass(kind, (BaseModel, Mapping, list, tuple, set)) or hasattr(
        kind, "__dataclass_fields__"
    )
