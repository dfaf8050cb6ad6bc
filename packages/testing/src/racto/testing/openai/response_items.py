"""The items of a Responses request: messages, calls and their results, reasoning, references."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Discriminator, Field, Tag

from racto.testing.fields import Given, Strict

from .hosted import HostedItem
from .response_content import FunctionOutputPart, InputPart, OutputPart, ReasoningText, SummaryText

Status: TypeAlias = Literal["in_progress", "completed", "incomplete"]
# Longer than Chat Completions takes them.
CallId: TypeAlias = Annotated[str, Field(min_length=1, max_length=64)]
_Output: TypeAlias = str | list[InputPart]


class Caller(Strict):
    """Who called a tool: the model itself, or a program that it wrote."""

    type: Literal["direct", "program"]
    caller_id: Given[str] = None


class InputMessage(Strict):
    """A message that no model wrote."""

    role: Literal["user", "system", "developer"]
    content: str | list[InputPart]
    type: Given[Literal["message"]] = None
    status: Given[Status] = None
    phase: Literal["commentary", "final_answer"] | None = None


class OutputMessage(Strict):
    """A message that a model wrote; its id when it comes from a response."""

    role: Literal["assistant"]
    content: str | list[OutputPart]
    type: Given[Literal["message"]] = None
    id: Given[str] = None
    status: Given[Status] = None
    phase: Literal["commentary", "final_answer"] | None = None


class FunctionCall(Strict):
    """A call of a function."""

    type: Literal["function_call"]
    call_id: CallId
    name: str
    arguments: str
    id: Given[str] = None
    caller: Caller | None = None
    namespace: Given[str] = None
    status: Given[Status] = None
    async_: Given[bool] = Field(default=None, alias="async")


class FunctionCallOutput(Strict):
    """What a function answered."""

    type: Literal["function_call_output"]
    output: str | list[FunctionOutputPart]
    call_id: CallId | None = None
    id: str | None = None
    caller: Caller | None = None
    name: str | None = None
    namespace: str | None = None
    status: Status | None = None


class CustomToolCall(Strict):
    """A call of a custom tool."""

    type: Literal["custom_tool_call"]
    call_id: CallId
    name: str
    input: str
    id: Given[str] = None
    caller: Caller | None = None
    namespace: Given[str] = None
    async_: Given[bool] = Field(default=None, alias="async")


class CustomToolCallOutput(Strict):
    """What a custom tool answered."""

    type: Literal["custom_tool_call_output"]
    call_id: CallId
    output: _Output
    id: Given[str] = None
    caller: Caller | None = None


class ReasoningItem(Strict):
    """The model's thinking, as a response gave it."""

    type: Literal["reasoning"]
    id: str
    summary: list[SummaryText]
    content: Given[list[ReasoningText]] = None
    encrypted_content: str | None = None
    status: Given[Status] = None


class ItemReference(Strict):
    """An item of a stored response."""

    type: Literal["item_reference"] | None = None
    id: str


# Messages come without a type as well, so that they are told by their role.
_OWN = frozenset(
    {
        "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output",
        "reasoning", "item_reference",
    }
)  # fmt: skip


def _kind(item: Any) -> str:
    """Which of the classes an item is, though messages and references need not say it."""
    if not isinstance(item, Mapping):
        return "hosted"
    kind = item.get("type")
    if kind == "message" or (kind is None and "role" in item):
        return "output_message" if item.get("role") == "assistant" else "input_message"
    # The client may leave out the type of a reference.
    if kind is None and "id" in item:
        return "item_reference"
    return kind if isinstance(kind, str) and kind in _OWN else "hosted"


Item: TypeAlias = Annotated[
    Annotated[InputMessage, Tag("input_message")]
    | Annotated[OutputMessage, Tag("output_message")]
    | Annotated[FunctionCall, Tag("function_call")]
    | Annotated[FunctionCallOutput, Tag("function_call_output")]
    | Annotated[CustomToolCall, Tag("custom_tool_call")]
    | Annotated[CustomToolCallOutput, Tag("custom_tool_call_output")]
    | Annotated[ReasoningItem, Tag("reasoning")]
    | Annotated[ItemReference, Tag("item_reference")]
    | Annotated[HostedItem, Tag("hosted")],
    Discriminator(_kind),
]
