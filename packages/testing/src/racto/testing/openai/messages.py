"""The messages of a chat request, one class a role."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Given, Strict

from .content import (
    AnyCall,
    AssistantPart,
    CalledFunction,
    Texts,
    UserPart,
)


class SystemMessage(Strict):
    """Standing orders; newer models call them the developer's."""

    role: Literal["system"]
    content: str | Texts
    name: Given[str] = None


class DeveloperMessage(Strict):
    """Standing orders."""

    role: Literal["developer"]
    content: str | Texts
    name: Given[str] = None


class UserMessage(Strict):
    """What the user says and shows."""

    role: Literal["user"]
    content: str | Annotated[list[UserPart], Field(min_length=1)]
    name: Given[str] = None


class FormerSound(Strict):
    """An earlier spoken reply."""

    id: str


class AssistantMessage(Strict):
    """What the model said before."""

    role: Literal["assistant"]
    content: str | Annotated[list[AssistantPart], Field(min_length=1)] | None = None
    refusal: str | None = None
    name: Given[str] = None
    audio: FormerSound | None = None
    tool_calls: Given[Annotated[list[AnyCall], Field(min_length=1)]] = None
    function_call: CalledFunction | None = None
    # Documented in replies alone, but clients send a reply's message back as it came.
    annotations: list[dict[str, Any]] | None = None


class ToolMessage(Strict):
    """What a tool answered."""

    role: Literal["tool"]
    content: str | Texts
    tool_call_id: str


class FunctionMessage(Strict):
    """What a function answered, before there were tools."""

    role: Literal["function"]
    # Null, but not left out.
    content: str | None
    name: str


AnyMessage: TypeAlias = Annotated[
    SystemMessage
    | DeveloperMessage
    | UserMessage
    | AssistantMessage
    | ToolMessage
    | FunctionMessage,
    Field(discriminator="role"),
]
