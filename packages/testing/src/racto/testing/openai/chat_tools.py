"""The tools of a chat request, and how one of them is chosen."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field

from racto.testing.fields import Given, Strict

from .settings import Grammar, Plain, ToolName


class Function(Strict):
    """A function as the model learns of it."""

    name: ToolName
    description: Given[str] = None
    # Any JSON here; what the schema must be is judged where the whole request is known.
    parameters: Given[dict[str, Any]] = None
    strict: bool | None = None


class FunctionTool(Strict):
    """A function that the model may call."""

    type: Literal["function"]
    function: Function


class GrammarFormat(Strict):
    """Input that keeps a grammar."""

    type: Literal["grammar"]
    grammar: Grammar


class Custom(Strict):
    """A tool that takes free text."""

    name: ToolName
    description: Given[str] = None
    format: Given[Annotated[Plain | GrammarFormat, Field(discriminator="type")]] = None


class CustomTool(Strict):
    """A tool with an input of its own form."""

    type: Literal["custom"]
    custom: Custom


AnyTool: TypeAlias = Annotated[FunctionTool | CustomTool, Field(discriminator="type")]


class Named(Strict):
    """A tool's name."""

    name: str


class FunctionChoice(Strict):
    """This function, and no other."""

    type: Literal["function"]
    function: Named


class CustomChoice(Strict):
    """This custom tool, and no other."""

    type: Literal["custom"]
    custom: Named


class AllowedTools(Strict):
    """Some of the tools."""

    mode: Literal["auto", "required"]
    tools: list[dict[str, Any]]


class AllowedChoice(Strict):
    """One of these, or none where the mode allows it."""

    type: Literal["allowed_tools"]
    allowed_tools: AllowedTools


ToolChoice: TypeAlias = (
    Literal["none", "auto", "required"]
    | Annotated[FunctionChoice | CustomChoice | AllowedChoice, Field(discriminator="type")]
)
