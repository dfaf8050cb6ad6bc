"""Tools that OpenAI runs itself: their fields are known here, the types of these are not checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

# Who may call a tool: the model, or a program that it wrote.
_CALLERS = "allowed_callers"

# By these a conversation hangs together, so that they are what they should be.
_TEXTS = ("id", "call_id")

HOSTED_ITEMS: Mapping[str, str] = {
    "file_search_call": "id! queries! status! results",
    "computer_call": "id! call_id! pending_safety_checks! status! action actions",
    "computer_call_output": "call_id! output! id acknowledged_safety_checks status",
    "web_search_call": "id! action! status!",
    "tool_search_call": "arguments! id call_id execution status",
    "tool_search_output": "tools! id call_id execution status",
    "additional_tools": "role! tools! id",
    "configuration_update": "id reasoning text",
    "compaction": "encrypted_content! id",
    "compaction_trigger": "id",
    "image_generation_call": "id! result! status! action background error output_format quality"
    " revised_prompt size svg_usage",
    "code_interpreter_call": "id! code! container_id! outputs! status!",
    "local_shell_call": "id! action! call_id! status!",
    "local_shell_call_output": "id! output! status",
    "shell_call": "action! call_id! id caller environment status",
    "shell_call_output": "call_id! output! id caller max_output_length status",
    "apply_patch_call": "call_id! operation! status! id caller",
    "apply_patch_call_output": "call_id! status! id caller output",
    "mcp_list_tools": "id! server_label! tools! error",
    "mcp_approval_request": "id! arguments! name! server_label!",
    "mcp_approval_response": "approval_request_id! approve! id reason",
    "mcp_call": "id! arguments! name! server_label! approval_request_id error output status",
    "program": "id! call_id! code! fingerprint!",
    "program_output": "id! call_id! result! status!",
}
"""Items of hosted tools and their fields; an exclamation mark follows what must be there."""

HOSTED_TOOLS: Mapping[str, str] = {
    "file_search": "vector_store_ids! filters max_num_results ranking_options",
    "computer": "",
    "computer_use_preview": "display_height! display_width! environment!",
    "web_search": "external_web_access filters search_context_size user_location",
    "web_search_2025_08_26": "external_web_access filters search_context_size user_location",
    "web_search_preview": "search_content_types search_context_size user_location",
    "web_search_preview_2025_03_11": "search_content_types search_context_size user_location",
    "mcp": f"server_label! {_CALLERS} allowed_tools authorization connector_id defer_loading headers"
    " require_approval server_description server_url tunnel_id",
    "code_interpreter": f"container! {_CALLERS}",
    "programmatic_tool_calling": "",
    "image_generation": "action background complexity frame_count frame_duration_ms input_fidelity"
    " input_image_mask model moderation output_compression output_format partial_images quality"
    " size svg",
    "local_shell": "",
    "shell": f"{_CALLERS} environment",
    "namespace": "description! name! tools!",
    "tool_search": "description execution parameters",
    "apply_patch": _CALLERS,
}
"""Hosted tools and their settings, written likewise."""


def _checked(given: dict[str, Any], known: Mapping[str, str], own: str) -> dict[str, Any]:
    kind = given.get("type")
    if kind is None:
        raise PydanticCustomError("hosted_missing", "a field is missing", {"field": "type"})
    if not isinstance(kind, str) or kind not in known:
        words = f"{own} {' '.join(known)}".split()
        raise PydanticCustomError("hosted_type", "unknown type", {"given": kind, "known": words})
    # As in the API, what is missing is told before what is too much.
    marked = known[kind].split()
    names = {name.rstrip("!") for name in marked} | {"type"}
    for name in marked:
        if name.endswith("!") and name[:-1] not in given:
            raise PydanticCustomError("hosted_missing", "is missing", {"field": name[:-1]})
    for name, value in given.items():
        if name not in names:
            raise PydanticCustomError("hosted_unknown", "is unknown", {"field": name})
        if name in _TEXTS and not isinstance(value, str | None):
            raise PydanticCustomError("hosted_text", "is no text", {"field": name, "given": value})
    return given


def _item(given: dict[str, Any]) -> dict[str, Any]:
    own = "message function_call function_call_output reasoning item_reference"
    return _checked(given, HOSTED_ITEMS, f"{own} custom_tool_call custom_tool_call_output")


def _tool(given: dict[str, Any]) -> dict[str, Any]:
    return _checked(given, HOSTED_TOOLS, "function custom")


HostedItem: TypeAlias = Annotated[dict[str, Any], AfterValidator(_item)]
"""An item of a tool that OpenAI runs."""

HostedTool: TypeAlias = Annotated[dict[str, Any], AfterValidator(_tool)]
"""A tool that OpenAI runs."""
