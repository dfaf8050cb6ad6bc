"""Blocks have the fields that the official SDK knows, no more and no fewer."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

from anthropic.types import ContentBlockParam, ToolUnionParam
from anthropic.types.message_create_params import MessageCreateParamsStreaming
from anthropic.types.tool_result_block_param import Content

from racto.testing.anthropic.blocks import Block, ToolResultBlock
from racto.testing.anthropic.requests import CountRequest, MessageRequest
from racto.testing.anthropic.tools import Tool

# They travel as headers.
_HEADERS = {"user_profile_id", "workspace_id"}


def kinds(union: Any) -> dict[str, type[Any]]:
    """Members of a union by the words of their ``type``."""
    found: dict[str, type[Any]] = {}
    for member in get_args(union):
        hints = get_type_hints(member)
        for word in _words(hints["type"]):
            found[word] = member
    return found


def _words(annotation: Any) -> set[str]:
    if isinstance(annotation, str):
        return {annotation}
    return set().union(*map(_words, get_args(annotation)))


def differences(theirs: dict[str, type[Any]], ours: dict[str, type[Any]]) -> dict[str, set[str]]:
    """By type the fields that one side has and the other has not."""
    assert set(theirs) == set(ours)
    found = {
        kind: set(get_type_hints(theirs[kind]))
        ^ (set(get_type_hints(ours[kind])) - {"model_config"})
        for kind in theirs
    }
    return {kind: fields for kind, fields in found.items() if fields}


def test_each_type_of_block_has_the_fields_of_the_sdk() -> None:
    assert differences(kinds(ContentBlockParam), kinds(get_args(Block)[0])) == {}


def test_each_type_of_tool_has_the_fields_of_the_sdk() -> None:
    assert differences(kinds(ToolUnionParam), kinds(get_args(Tool)[0])) == {}


def test_results_of_tools_hold_what_the_sdk_knows() -> None:
    (blocks,) = get_args(get_type_hints(ToolResultBlock)["content"])
    assert set(kinds(Content)) == set(kinds(blocks))


def test_a_request_has_the_fields_of_the_sdk() -> None:
    theirs = set(get_type_hints(MessageCreateParamsStreaming)) - _HEADERS
    assert set(MessageRequest.model_fields) == theirs
    assert set(CountRequest.model_fields) < theirs
