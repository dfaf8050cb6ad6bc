"""A function's arguments: their schema, their validation, and the call made of them.

Validation follows JSON: a string is no integer and 1 is no boolean, while an integer is a number,
a date comes as a string, and 2.0 is the integer 2, as the JSON Schema standard says.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model
from pydantic.fields import FieldInfo

from .docstrings import parse_docstring
from .errors import SchemaError
from .schemas import json_value, type_schema
from .signatures import callable_name, injected_parameters, signature_of
from .strictness import arguments_error, validate_strictly


class FunctionArguments:
    """The arguments of one function.

    ``*args`` is no parameter; ``**kwargs`` allows further properties of its annotated type.

    Args:
        function: Any annotated callable.
        injected: Types whose parameters racto fills in; see
            :data:`~racto.core.signatures.Injected`.

    Attributes:
        function_name: Name of the function, for errors.
        json_schema: The schema of the arguments: an object with ``properties``.
        injected: Name and type of each parameter that racto fills in.

    Raises:
        SchemaError: If a parameter cannot be expressed as JSON Schema.
    """

    def __init__(self, function: Callable[..., Any], *, injected: Collection[type] = ()) -> None:
        self.function_name = callable_name(function)
        signature = signature_of(function)
        self.injected = injected_parameters(signature, injected)
        self._signature = signature
        self._fields = {
            name: f"p{number}"
            for number, (name, parameter) in enumerate(signature.parameters.items())
            if parameter.kind not in _VARIADIC and name not in self.injected
        }
        self._model = self._build()
        self.json_schema = self._schema(parse_docstring(inspect.getdoc(function)).parameters)

    def validate(self, arguments: Mapping[str, Any], *, tool: str = "") -> dict[str, Any]:
        """Check JSON arguments and turn them into the Python values of the annotations.

        Args:
            arguments: What the model sent.
            tool: Name of the tool in errors; the function's own by default.

        Returns:
            Only what was sent: the function's own defaults stay its own.

        Raises:
            ToolArgumentsError: If an argument is missing, unknown or of another type.
        """
        checked = validate_strictly(self._model, arguments, tool=tool or self.function_name)
        values = {
            name: getattr(checked, field)
            for name, field in self._fields.items()
            if field in checked.model_fields_set or _is_field(self._default(name))
        }
        # What **kwargs takes, already checked against its annotation.
        further = checked.__pydantic_extra__ or {}
        smuggled = [f"{name}: no such parameter" for name in further if name in self.injected]
        if smuggled:
            raise arguments_error(tool or self.function_name, smuggled)
        return values | further

    def bind(self, values: Mapping[str, Any]) -> inspect.BoundArguments:
        """Lay out validated values, injected ones among them, as the function's arguments."""
        named = dict(values)
        positional: list[Any] = []
        for name, parameter in self._signature.parameters.items():
            if parameter.kind is not parameter.POSITIONAL_ONLY:
                break
            if name not in named and parameter.default is parameter.empty:
                break
            positional.append(named.pop(name, parameter.default))
        return self._signature.bind(*positional, **named)

    def is_required(self, name: str) -> bool:
        """Whether the function has no default for a parameter."""
        return self._default(name) is inspect.Parameter.empty

    def _default(self, name: str) -> Any:
        return self._signature.parameters[name].default

    def _build(self) -> type[BaseModel]:
        # Fields get neutral names, so that a parameter may be called "schema" or "_x".
        fields: dict[str, Any] = {}
        for name, field in self._fields.items():
            annotation = self._signature.parameters[name].annotation
            default = self._default(name)
            if _is_field(default):
                fields[field] = (_annotated(annotation, default), Field(alias=name))
            elif default is inspect.Parameter.empty:
                fields[field] = (annotation, Field(alias=name))
            else:
                fields[field] = (annotation, Field(alias=name, default_factory=_no_default))
        try:
            return create_model(self.function_name, __base__=self._base(), **fields)
        except Exception as error:
            raise self._culprit(error) from error

    def _base(self) -> type[BaseModel]:
        further = [
            parameter.annotation
            for parameter in self._signature.parameters.values()
            if parameter.kind is parameter.VAR_KEYWORD
        ]
        body: dict[str, Any] = {"__module__": __name__, "model_config": _CLOSED}
        if further:
            body["model_config"] = _OPEN
            body["__annotations__"] = {"__pydantic_extra__": dict[str, further[0]]}  # type: ignore[valid-type]
        return type("Arguments", (BaseModel,), body)

    def _schema(self, described: Mapping[str, str]) -> dict[str, Any]:
        try:
            schema = type_schema(self._model)
        except SchemaError as error:
            raise self._culprit(error) from error
        schema.setdefault("properties", {})
        for name, inner in schema["properties"].items():
            # Annotated[..., Field(description=...)] is nearer to the parameter than the docstring.
            if name in described:
                inner.setdefault("description", described[name])
            default = self._default(name)
            if default is not inspect.Parameter.empty and not _is_field(default):
                _note_default(inner, default)
        return schema

    def _culprit(self, error: Exception) -> SchemaError:
        """The error for the first parameter that cannot be described, told by trying each."""
        for name, parameter in self._signature.parameters.items():
            if name in self.injected or parameter.kind is parameter.VAR_POSITIONAL:
                continue
            try:
                type_schema(parameter.annotation)
            except SchemaError as reason:
                return SchemaError(
                    f"{self.function_name}(): parameter {name!r} cannot be expressed as JSON "
                    f"Schema: {reason}. Annotate it with a type that JSON can carry, or with "
                    "Injected[...] if the program fills it in"
                )
        return SchemaError(f"{self.function_name}() has no JSON Schema: {error}")


def _note_default(inner: dict[str, Any], default: Any) -> None:
    # A sentinel object has no JSON form; the parameter is then merely optional.
    try:
        inner.setdefault("default", json_value(default))
    except ValueError:
        return


def _annotated(annotation: Any, mark: Any) -> Any:
    from typing import Annotated

    return Annotated[annotation, mark]


def _is_field(default: Any) -> bool:
    return isinstance(default, FieldInfo)


def _no_default() -> None:
    """Never seen: :meth:`FunctionArguments.validate` returns only what was sent."""


_CLOSED = ConfigDict(extra="forbid")
_OPEN = ConfigDict(extra="allow")
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
