"""Function calls as parts of a reply, whole or streamed argument by argument."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racto.testing.arguments import argument_object
from racto.testing.replies import Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedCalls:
    """The calls of a reply.

    Attributes:
        parts: Parts that hold a call each.
        malformed: Words about a call whose arguments are no JSON object; the API drops such a call.
    """

    parts: Sequence[dict[str, Any]] = ()
    malformed: str | None = None


def rendered_calls(
    reply: Reply, *, new_id: Callable[[], str], signature: str | None = None
) -> RenderedCalls:
    """Render the calls of a reply.

    Args:
        reply: The reply.
        new_id: Makes the id of a call that has none; an empty id is left out.
        signature: Stands on the first call that has none of its own.
    """
    parts: list[dict[str, Any]] = []
    for call in reply.tool_calls:
        arguments = argument_object(call)
        if arguments is None:
            told = f"Malformed function call: {call.name}({call.arguments})"
            return RenderedCalls(parts=parts, malformed=told)
        call_id = new_id() if call.id is None else call.id
        body = {"id": call_id} if call_id else {}
        part: dict[str, Any] = {"functionCall": {**body, "name": call.name, "args": arguments}}
        # Of parallel calls only the first one carries the signature of the thinking.
        if proof := call.signature or (None if parts else signature):
            part["thoughtSignature"] = base64_of(proof)
        parts.append(part)
    return RenderedCalls(parts=parts)


def base64_of(text: str) -> str:
    """Opaque text as bytes travel in JSON."""
    return base64.b64encode(text.encode()).decode()


def argument_parts(part: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A call in fragments, as Vertex AI streams it on request.

    Args:
        part: The part that holds the call.
    """
    call = part["functionCall"]
    opening = {name: call[name] for name in ("id", "name") if name in call}
    yield {**part, "functionCall": {**opening, "willContinue": True}}
    for path, value in _leaves("$", call["args"]):
        for fragment in _fragments(path, value):
            yield {"functionCall": {"partialArgs": [fragment], "willContinue": True}}
    # An empty call tells that the arguments are complete.
    yield {"functionCall": {}}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}", inner)
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}[{number}]", inner)
    elif not isinstance(value, Mapping | list):
        yield path, value


def _fragments(path: str, value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, str):
        # Two pieces are enough to see whether a client puts them together.
        middle = len(value) // 2
        yield {"jsonPath": path, "stringValue": value[:middle], "willContinue": True}
        yield {"jsonPath": path, "stringValue": value[middle:]}
    elif value is None:
        yield {"jsonPath": path, "nullValue": "NULL_VALUE"}
    elif isinstance(value, bool):
        yield {"jsonPath": path, "boolValue": value}
    else:
        yield {"jsonPath": path, "numberValue": value}
