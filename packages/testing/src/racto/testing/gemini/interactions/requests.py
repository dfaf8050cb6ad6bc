"""What an interaction is asked for with, and its input as steps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from racto.testing.gemini.failures import refusal
from racto.testing.gemini.messages import Message, Repeated, Table
from racto.testing.gemini.protojson import (
    ANYTHING,
    BYTES,
    FLAG,
    FLOAT,
    INT32,
    STRUCT,
    TEXT,
    Enumeration,
    Faults,
    Kind,
)


class Tagged:
    """One of several messages, told apart by ``type``.

    Args:
        name: What it is called in a fault.
        variants: The messages by their tag; each has a field ``type`` besides its own.
    """

    def __init__(self, name: str, variants: Mapping[str, Mapping[str, Kind]]) -> None:
        self._name = name
        self._variants = {
            tag: Message(name, {"type": TEXT, **fields}) for tag, fields in variants.items()
        }

    @property
    def variants(self) -> Mapping[str, Message]:
        """The messages by their tag."""
        return self._variants

    def __contains__(self, tag: object) -> bool:
        return isinstance(tag, str) and tag in self._variants

    def read(self, value: Any, at: str, faults: Faults) -> Any:
        """The message with the fields that are set and sound."""
        tag: Any = value.get("type") if isinstance(value, dict) else None
        if tag not in self:
            faults.invalid(at, self._name, json.dumps(value, ensure_ascii=False))
            return {}
        return self._variants[tag].read(value, at, faults)


_MEDIUM: dict[str, Kind] = {"data": BYTES, "uri": TEXT, "mimeType": TEXT, "processing": STRUCT}

CONTENT = Tagged(
    "Content",
    {
        "text": {"text": TEXT, "annotations": Repeated(STRUCT)},
        "image": {"data": BYTES, "uri": TEXT, "mimeType": TEXT, "resolution": TEXT},
        "audio": {**_MEDIUM, "sampleRate": INT32, "channels": INT32},
        "document": {**_MEDIUM, "resolution": TEXT},
        "video": {**_MEDIUM, "resolution": TEXT, "name": TEXT},
    },
)
"""Words or a medium."""

# Steps of tools that run at Google's come back as they went out.
_HOSTED = """
    code_execution file_search google_maps google_search mcp_server_tool processing retrieval
    tool_search url_context
"""
_HOSTED_NAMES = ("id", "callId", "name", "serverName", "signature", "searchType", "retrievalType")
_HOSTED_FIELDS: dict[str, Kind] = {
    **dict.fromkeys(_HOSTED_NAMES, TEXT),
    **dict.fromkeys(("arguments", "result"), ANYTHING),
    **dict.fromkeys(("isError", "displayed"), FLAG),
}
STEP = Tagged(
    "Step",
    {
        "user_input": {"content": Repeated(CONTENT)},
        "model_output": {"content": Repeated(CONTENT), "error": STRUCT},
        "thought": {"summary": Repeated(CONTENT), "signature": BYTES},
        "function_call": {"id": TEXT, "name": TEXT, "arguments": STRUCT, "signature": BYTES},
        "function_result": {"callId": TEXT, "name": TEXT, "result": ANYTHING, "isError": FLAG},
        **{f"{name}_call": _HOSTED_FIELDS for name in _HOSTED.split()},
        **{f"{name}_result": _HOSTED_FIELDS for name in _HOSTED.split()},
    },
)
"""One step of a conversation."""

_FUNCTION: dict[str, Kind] = {
    "name": TEXT,
    "description": TEXT,
    "shortDescription": TEXT,
    "parameters": ANYTHING,
    "deferLoading": FLAG,
}
_TOOLS = """
    code_execution computer_use file_search google_maps google_search mcp_server retrieval
    tool_search url_context
"""
_TOOL_NAMES = """
    environment excludedPredefinedFunctions enablePromptInjectionDetection disabledSafetyPolicies
    fileSearchStoreNames topK metadataFilter latitude longitude enableWidget searchTypes name url
    headers allowedTools retrievalTypes exaAiSearchConfig parallelAiSearchConfig ragStoreConfig
    vertexAiSearchConfig parameters description execution
"""
# What these tools are told is theirs to check; only the names are known here.
_TOOL_FIELDS: dict[str, Kind] = dict.fromkeys(_TOOL_NAMES.split(), ANYTHING)
TOOL = Tagged("Tool", {"function": _FUNCTION, **dict.fromkeys(_TOOLS.split(), _TOOL_FIELDS)})
"""A function, or a tool that runs at Google's."""

_LEVELS = "UNSPECIFIED minimal low medium high xhigh"
SETTINGS = Message(
    "GenerationConfig",
    {
        "temperature": FLOAT,
        "topP": FLOAT,
        "seed": INT32,
        "stopSequences": Repeated(TEXT),
        "maxOutputTokens": INT32,
        "thinkingLevel": Enumeration("ThinkingLevel", _LEVELS),
        "thinkingSummaries": Enumeration("ThinkingSummaries", "UNSPECIFIED auto none"),
        "toolChoice": ANYTHING,
        "speechConfig": ANYTHING,
        "imageConfig": STRUCT,
        "videoConfig": STRUCT,
        "transcriptionConfig": STRUCT,
    },
)
"""What shapes one generation."""

INTERACTION = Message(
    "CreateInteractionRequest",
    {
        "model": TEXT,
        "agent": TEXT,
        "agentConfig": STRUCT,
        "input": ANYTHING,
        "systemInstruction": TEXT,
        "tools": Repeated(TOOL),
        "generationConfig": SETTINGS,
        "responseFormat": ANYTHING,
        "responseMimeType": TEXT,
        "responseModalities": Repeated(TEXT),
        "safetySettings": Repeated(STRUCT),
        "previousInteractionId": TEXT,
        "continuationToken": TEXT,
        "cachedContent": TEXT,
        "environment": ANYTHING,
        "serviceTier": TEXT,
        "labels": Table(TEXT),
        "background": FLAG,
        "store": FLAG,
        "stream": FLAG,
        "webhookConfig": STRUCT,
    },
)
"""``POST /interactions``."""


def steps_of(given: Any, faults: Faults) -> Sequence[Mapping[str, Any]]:
    """The input as steps: words, contents and steps may all be given.

    Args:
        given: The input as it came.
        faults: Takes what is wrong with it.
    """
    if isinstance(given, str):
        given = [{"type": "text", "text": given}]
    items = given if isinstance(given, list) else [given]
    steps: list[dict[str, Any]] = []
    for number, item in enumerate(items):
        at = f"input[{number}]"
        tag = item.get("type") if isinstance(item, dict) else None
        # Pieces of content in a row are one step of the user's.
        if tag in CONTENT:
            content = CONTENT.read(item, at, faults)
            if not steps or steps[-1]["type"] != "user_input":
                steps.append({"type": "user_input", "content": []})
            steps[-1]["content"].append(content)
        else:
            steps.append(STEP.read(item, at, faults) or {"type": ""})
    return steps


def check_steps(steps: Sequence[Mapping[str, Any]], waiting: Sequence[str]) -> None:
    """Refuse steps that make no conversation.

    Args:
        steps: The input.
        waiting: Ids of the calls that the interaction before left open.

    Raises:
        Refusal: If there are none, or calls and results do not match.
    """
    if not steps:
        raise refusal("input: must be specified")
    open_calls = list(waiting)
    for number, step in enumerate(steps):
        kind = step["type"]
        if kind in ("user_input", "model_output") and not step.get("content"):
            raise refusal(f"input[{number}].content: must not be empty")
        if kind == "function_call":
            if not step.get("id") or not step.get("name"):
                raise refusal(f"input[{number}]: a function call has an id and a name")
            open_calls.append(step["id"])
        elif kind == "function_result":
            if step.get("callId") not in open_calls:
                told = step.get("callId")
                raise refusal(f"input[{number}].call_id: no function call has the id {told!r}")
            open_calls.remove(step["callId"])
        # Nobody speaks before the calls have their results.
        elif kind in ("user_input", "model_output") and open_calls:
            break
    if open_calls:
        raise refusal(f"function calls have no result: {', '.join(open_calls)}")
