"""Bodies read as Go's JSON package reads them, with its words for what it cannot read."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from racto.testing.exchange import Incoming

from .failures import refusal

M = TypeVar("M", bound=BaseModel)

_TYPES = {
    "string_type": "string",
    "bool_type": "bool",
    "int_type": "int",
    "int_from_float": "int",
    "float_type": "float64",
    "list_type": "[]interface {}",
    "dict_type": "map[string]interface {}",
    "model_type": "struct",
    "model_attributes_type": "struct",
}


def read(model: type[M], request: Incoming, *, strict: bool) -> M:
    """Read the body of a request.

    Args:
        model: What the body should be.
        request: The request.
        strict: Whether unknown fields are refused, which Ollama ignores.

    Raises:
        Refusal: If it is no JSON, or a field is ill-typed or unknown.
    """
    if not request.body.strip():
        raise refusal("missing request body")
    data = request.json
    if data is None and request.body.strip() != b"null":
        raise refusal("invalid character in request body: it is no JSON")
    try:
        return model.model_validate(data, extra=None if strict else "ignore")
    except ValidationError as error:
        found = error.errors(include_url=False)
    # Of a union pydantic tells what was wrong with each branch; the first is of the likeliest.
    fault = found[0]
    names = [str(step) for step in fault["loc"] if isinstance(step, str)]
    if fault["type"] == "extra_forbidden":
        # In the words of Go's own strict decoder.
        raise refusal(f'json: unknown field "{names[-1]}"')
    if fault["type"] == "missing":
        raise refusal(f"{'.'.join(names)} is required")
    place = ".".join([model.__name__, *(name for name in names if name.islower())])
    wanted = _TYPES.get(fault["type"], "string")
    told = _told(fault["input"])
    raise refusal(f"json: cannot unmarshal {told} into Go struct field {place} of type {wanted}")


def named(model: str) -> str:
    """The model that a request names.

    Raises:
        Refusal: If it names none.
    """
    if not model:
        raise refusal("model is required", status=HTTPStatus.BAD_REQUEST)
    return model


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, float):
        return f"number {value:g}"
    return {str: "string", int: "number", list: "array", dict: "object"}.get(type(value), "value")
