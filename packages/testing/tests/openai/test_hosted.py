"""Hosted tools and their items against those that the official client documents."""

from __future__ import annotations

from typing import Any, Required, get_args, get_origin, get_type_hints

import pytest
from openai.types.responses.response_input_item_param import ResponseInputItemParam
from openai.types.responses.tool_param import ToolParam

from racto.testing.openai import hosted

OWN_ITEMS = {
    "message", "function_call", "function_call_output", "custom_tool_call",
    "custom_tool_call_output", "reasoning", "item_reference",
}  # fmt: skip


@pytest.mark.parametrize(
    ("union", "known", "own"),
    [
        (ResponseInputItemParam, hosted.HOSTED_ITEMS, OWN_ITEMS),
        (ToolParam, hosted.HOSTED_TOOLS, {"function", "custom"}),
    ],
    ids=["items", "tools"],
)
def test_every_documented_hosted_object_is_taken_with_its_fields(
    union: Any, known: Any, own: set[str]
) -> None:
    found: dict[str, set[str]] = {}
    for each in get_args(union):
        marked = get_type_hints(each, include_extras=True)
        for kind in _kinds(get_type_hints(each).get("type")):
            found[kind] = {
                f"{name}!" if get_origin(hint) is Required else name
                for name, hint in marked.items()
                if name != "type"
            }
    assert found.keys() - own == known.keys()
    for kind in known:
        assert set(known[kind].split()) == found[kind], kind


def _kinds(hint: Any) -> list[str]:
    arms = get_args(hint)
    words = [word for arm in arms for word in (_kinds(arm) if get_args(arm) else [arm])]
    return [word for word in words if isinstance(word, str)]
