"""A server's sampling requests are answered by any kit, after approval and within limits."""

from __future__ import annotations

from typing import Any

import mcp_types as types
import pytest

from racto.core import (
    FinishReason,
    ImagePart,
    LLMResponse,
    MessageRole,
    ToolCallResult,
    ToolResultPart,
)
from racto.core.testing import ScriptedKit
from racto.tools.mcp import SamplingDeniedError, SamplingRequest, sampling_by
from racto.tools.mcp.sampling import sampling_request, sampling_result


def params(**more: Any) -> types.CreateMessageRequestParams:
    """What a server sends."""
    given: dict[str, Any] = {
        "messages": [
            types.SamplingMessage(role="user", content=types.TextContent(text="How wide?"))
        ],
        "max_tokens": 50,
    }
    return types.CreateMessageRequestParams(**(given | more))


async def test_a_kit_answers_what_was_approved() -> None:
    kit = ScriptedKit(["Very wide."])
    seen: list[SamplingRequest] = []

    async def approve(request: SamplingRequest) -> bool:
        seen.append(request)
        return True

    request = sampling_request(
        params(system_prompt="Be brief.", temperature=0.5, stop_sequences=["END"]), server="s"
    )
    reply = await sampling_by(kit, approve, max_tokens=20)(request)  # type: ignore[misc]
    assert reply.content == "Very wide."
    (asked,) = kit.requests
    assert asked.history[0].text == "How wide?"
    assert (asked.system, asked.temperature, asked.stop) == ("Be brief.", 0.5, ("END",))
    # The server asked for 50, and the user allows 20.
    assert asked.max_tokens == 20
    assert seen == [request]


@pytest.mark.parametrize("verdict", [False, None, "yes"])
async def test_only_true_approves(verdict: Any) -> None:
    kit = ScriptedKit(["never said"])
    with pytest.raises(SamplingDeniedError, match="was not approved"):
        await sampling_by(kit, lambda _: verdict)(  # type: ignore[misc]
            sampling_request(params(), server="s")
        )
    assert kit.requests == []


def test_conversations_with_tools_and_pictures() -> None:
    messages = [
        types.SamplingMessage(
            role="user",
            content=[
                types.TextContent(text="look"),
                types.ImageContent(data="eA==", mime_type="image/png"),
            ],
        ),
        types.SamplingMessage(
            role="assistant", content=types.ToolUseContent(name="f", id="1", input={"a": 2})
        ),
        types.SamplingMessage(
            role="user",
            content=types.ToolResultContent(
                tool_use_id="1", content=[types.TextContent(text="4")], is_error=False
            ),
        ),
    ]
    hints = types.ModelPreferences(hints=[types.ModelHint(name="big"), types.ModelHint()])
    request = sampling_request(
        params(
            messages=messages,
            tools=[types.Tool(name="f", input_schema={"type": "object"})],
            tool_choice=types.ToolChoice(mode="required"),
            model_preferences=hints,
        ),
        server="s",
    )
    roles = [message.role for message in request.messages]
    assert roles == [MessageRole.USER, MessageRole.ASSISTANT, MessageRole.TOOL]
    assert isinstance(request.messages[0].parts[1], ImagePart)
    assert request.messages[1].tool_calls[0].arguments == {"a": 2}
    answer = request.messages[2].parts[0]
    assert isinstance(answer, ToolResultPart)
    assert answer.text == "4"
    assert (request.tools[0].name, request.tool_choice, request.models) == (
        "f",
        "required",
        ("big",),
    )


def test_replies_as_the_server_takes_them() -> None:
    reply = LLMResponse(content="4", model="m", finish_reason=FinishReason.LENGTH)
    plain = sampling_result(reply, with_tools=False)
    assert (plain.model, plain.stop_reason) == ("m", "maxTokens")
    calls = [ToolCallResult(id="1", name="f", arguments={"a": 1})]
    asking = LLMResponse(tool_calls=calls, model="m", finish_reason=FinishReason.TOOL_CALL)
    full = sampling_result(asking, with_tools=True)
    assert full.stop_reason == "toolUse"
    assert isinstance(full, types.CreateMessageResultWithTools)
    (block,) = full.content_as_list
    assert isinstance(block, types.ToolUseContent)
    assert (block.id, block.name, block.input) == ("1", "f", {"a": 1})
