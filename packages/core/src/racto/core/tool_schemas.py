"""What a model is told about a tool: name, description, and the JSON Schema of its arguments."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .errors import SchemaError

if TYPE_CHECKING:
    from .arguments import FunctionArguments

_NAME = re.compile(r"[A-Za-z0-9_./-]{1,128}")


class ParamSchema(BaseModel):
    """One parameter of a tool at a glance; the whole truth is in ``ToolSchema.json_schema``.

    Attributes:
        name: Name of the parameter.
        type: JSON type (``string``, ``integer``, ``array``, ...); of an optional parameter the
            type beside null; ``any`` when several are allowed.
        description: What the parameter means.
        required: Whether the model must give it.
        enum: The allowed values, when they are listed.
        default: Its value when it is not given; None when there is none to tell.
        items: Schema of the elements of an array.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str
    type: str
    description: str = ""
    required: bool = True
    enum: list[Any] | None = None
    default: Any = None
    items: dict[str, Any] | None = None


class ToolAnnotations(BaseModel):
    """What a tool does to the world, as its author says; a hint for people, never a guarantee.

    Those of a remote tool are as trustworthy as its server.

    Attributes:
        read_only: Whether it changes nothing.
        destructive: Whether it may delete or overwrite; says nothing when it is read-only.
        idempotent: Whether doing it twice does the same as doing it once.
        open_world: Whether it deals with things outside, such as the web.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    read_only: bool | None = None
    destructive: bool | None = None
    idempotent: bool | None = None
    open_world: bool | None = None


class ToolSchema(BaseModel):
    """Provider-agnostic description of a tool.

    Attributes:
        name: Name by which the model calls it: letters, digits and ``_ . / -``, at most 128.
        description: What it does and when to use it.
        parameters: The parameters as a flat list, derived from ``json_schema`` when not given.
        json_schema: The complete schema of the arguments, passed through untouched.
        strict: Whether the provider should enforce the schema; None leaves it to the kit.
        output_schema: JSON Schema of what the tool returns, when it is known.
        title: Its name for people; no provider is sent it.
        annotations: What its author says of its effects; no provider is sent it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: str = Field(pattern=f"^{_NAME.pattern}$")
    description: str = ""
    parameters: list[ParamSchema] = Field(default_factory=list)
    json_schema: dict[str, Any] | None = None
    strict: bool | None = None
    output_schema: dict[str, Any] | None = None
    title: str = ""
    annotations: ToolAnnotations | None = None

    @model_validator(mode="before")
    @classmethod
    def _list_parameters(cls, data: Any) -> Any:
        if isinstance(data, Mapping) and data.get("json_schema") and not data.get("parameters"):
            return {**data, "parameters": list_parameters(data["json_schema"])}
        return data

    def to_json_schema(self) -> dict[str, Any]:
        """The JSON Schema of the arguments as a copy that the caller may change.

        It is ``json_schema`` as it is, or built from ``parameters`` when there is none.
        """
        if self.json_schema is not None:
            # Kits rewrite schemas for their provider, and this one is shared by all requests.
            return copy.deepcopy(self.json_schema)
        schema: dict[str, Any] = {
            "type": "object",
            "properties": {param.name: _property(param) for param in self.parameters},
        }
        required = [param.name for param in self.parameters if param.required]
        if required:
            schema["required"] = required
        schema["additionalProperties"] = False
        return schema


def list_parameters(schema: Mapping[str, Any]) -> list[ParamSchema]:
    """The top-level properties of an object schema as a flat list.

    Args:
        schema: JSON Schema of a tool's arguments, ``$defs`` included.
    """
    required = schema.get("required", ())
    definitions = schema.get("$defs") or schema.get("definitions") or {}
    return [
        _parameter(name, inner, name in required, definitions)
        for name, inner in (schema.get("properties") or {}).items()
    ]


def describe_model(
    model: type[BaseModel], *, name: str | None = None, description: str | None = None
) -> ToolSchema:
    """The tool whose arguments are the fields of a pydantic model.

    Raises:
        SchemaError: If a field has no JSON Schema, or the name is not fit for a tool.
    """
    import inspect

    from .docstrings import parse_docstring
    from .schemas import type_schema

    schema = type_schema(model)
    # An undocumented model inherits BaseModel's docstring, which says nothing about the tool.
    own = (
        parse_docstring(inspect.cleandoc(model.__doc__ or "")) if "__doc__" in vars(model) else None
    )
    for key, words in (own.parameters if own else {}).items():
        if key in schema.get("properties", {}):
            schema["properties"][key].setdefault("description", words)
    # The model reads the description beside the schema; twice would cost tokens.
    schema.pop("description", None)
    summary = own.summary if own and own.summary else model.__name__
    return named_schema(
        name or model.__name__, summary if description is None else description, schema
    )


def describe_function(
    function: Callable[..., Any],
    *,
    name: str | None = None,
    description: str | None = None,
    injected: Collection[type] = (),
    arguments: FunctionArguments | None = None,
) -> ToolSchema:
    """The tool that calls a function; its description is the docstring's first paragraph.

    Args:
        function: Any annotated callable.
        name: Name instead of the function's own.
        description: Description instead of its docstring's.
        injected: Types of parameters that racto fills in.
        arguments: The function's arguments, when they have been read already.

    Raises:
        SchemaError: If a parameter has no JSON Schema, or the name is not fit for a tool.
    """
    import inspect

    from .docstrings import parse_docstring

    if arguments is None:
        from .arguments import FunctionArguments

        arguments = FunctionArguments(function, injected=injected)
    if description is None:
        summary = parse_docstring(inspect.getdoc(function)).summary
        description = summary or arguments.function_name
    return named_schema(name or arguments.function_name, description, arguments.json_schema)


def named_schema(name: str, description: str, schema: Mapping[str, Any]) -> ToolSchema:
    """A tool with a complete JSON Schema.

    Raises:
        SchemaError: If the name is not one that providers take.
    """
    check_name(name)
    return ToolSchema(name=name, description=description, json_schema=dict(schema))


def check_name(name: str) -> None:
    """Do nothing if a name is fit for a tool.

    Raises:
        SchemaError: If it is not one that providers take.
    """
    if not _NAME.fullmatch(name):
        raise SchemaError(
            f"{name!r} cannot be a tool's name: use up to 128 letters, digits, '_', '.', '/' or "
            "'-'; give one with name=..."
        )


def _parameter(
    name: str, schema: Any, required: bool, definitions: Mapping[str, Any]
) -> ParamSchema:
    own = schema if isinstance(schema, Mapping) else {}
    meant = _without_null(_followed(own, definitions), definitions)
    values = meant.get("enum") or ([meant["const"]] if "const" in meant else None)
    items = meant.get("items")
    return ParamSchema(
        name=name,
        type=_type_of(meant, values),
        description=own.get("description") or meant.get("description") or "",
        required=required,
        enum=values,
        default=own.get("default", meant.get("default")),
        items=items if isinstance(items, dict) else None,
    )


def _followed(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    # A definition may refer to another; a circle of bare references is cut after all were seen.
    for _ in range(len(definitions) + 1):
        target = str(schema.get("$ref", "")).rpartition("/")[2]
        if target not in definitions:
            return schema
        schema = definitions[target]
    return {}


def _without_null(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = schema.get("anyOf") or schema.get("oneOf") or ()
    real = [choice for choice in choices if choice.get("type") != "null"]
    return _followed(real[0], definitions) if len(real) == 1 else schema


def _type_of(schema: Mapping[str, Any], values: list[Any] | None) -> str:
    kinds = schema.get("type")
    if isinstance(kinds, list):
        kinds = [kind for kind in kinds if kind != "null"]
        return str(kinds[0]) if len(kinds) == 1 else "any"
    if kinds:
        return str(kinds)
    found = {_JSON_TYPES.get(type(value), "any") for value in values or ()}
    return found.pop() if len(found) == 1 else "any"


def _property(param: ParamSchema) -> dict[str, Any]:
    schema: dict[str, Any] = {} if param.type == "any" else {"type": param.type}
    if param.description:
        schema["description"] = param.description
    if param.enum is not None:
        schema["enum"] = list(param.enum)
    if param.items is not None:
        schema["items"] = copy.deepcopy(param.items)
    if not param.required and param.default is not None:
        schema["default"] = copy.deepcopy(param.default)
    return schema


_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}
