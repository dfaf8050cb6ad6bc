"""Sampling for servers of older protocols: their requests, answered by any chat kit on approval."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable

import mcp_types as types

from racto.core import (
    ChatConfig,
    FinishReason,
    LLMResponse,
    Message,
    MessageRole,
    RactoGatewayError,
    ToolCallResult,
    ToolRegistry,
    ToolResultPart,
)
from racto.core.content import ContentPart, ToolCallPart
from racto.core.protocols import ChatKit

from .contents import parts_of
from .interactions import SampleFn, SamplingRequest
from .schemas import tool_schemas

_STOPS = {
    FinishReason.STOP: "endTurn",
    FinishReason.LENGTH: "maxTokens",
    FinishReason.TOOL_CALL: "toolUse",
}


class SamplingDeniedError(RactoGatewayError):
    """The approval callback refused to let the model answer a server."""


def sampling_by(
    kit: ChatKit,
    approve: Callable[[SamplingRequest], bool | Awaitable[bool]],
    *,
    max_tokens: int = 4096,
) -> SampleFn:
    """Answer a server's sampling requests with a kit, each after approval.

    The server writes the whole prompt, and the answer goes to it: approve what a person has seen,
    or what comes from a server that is trusted.

    Args:
        kit: Any chat kit; its model answers, whatever the server would like.
        approve: Told each request; plain or async. False refuses.
        max_tokens: Most tokens of an answer, however many the server asks for.
    """

    async def sample(request: SamplingRequest) -> LLMResponse:
        verdict = approve(request)
        if inspect.isawaitable(verdict):
            verdict = await verdict
        if verdict is not True:
            raise SamplingDeniedError(f"sampling for {request.server!r} was not approved")
        return await kit.achat(_chat_config(request, max_tokens))

    return sample


def sampling_request(params: types.CreateMessageRequestParams, *, server: str) -> SamplingRequest:
    """A server's request in racto's terms.

    Args:
        params: What the server sent.
        server: Its label.
    """
    preferences = params.model_preferences
    hints = preferences.hints if preferences else None
    choice = params.tool_choice.mode if params.tool_choice else None
    return SamplingRequest(
        messages=tuple(_message(message) for message in params.messages),
        max_tokens=max(1, params.max_tokens),
        system=params.system_prompt or "",
        temperature=params.temperature,
        stop=tuple(params.stop_sequences or ()),
        tools=tuple(tool_schemas(params.tools or (), label=server).values()),
        tool_choice=choice or "auto",
        models=tuple(hint.name for hint in hints or () if hint.name),
        server=server,
    )


def sampling_result(
    reply: LLMResponse, *, with_tools: bool
) -> types.CreateMessageResult | types.CreateMessageResultWithTools:
    """A model's reply as the answer to a sampling request.

    Args:
        reply: What the model said.
        with_tools: Whether the server offered tools and so can take calls of them.
    """
    stop = _STOPS.get(reply.finish_reason, reply.finish_reason.value)
    text = types.TextContent(text=reply.content or reply.refusal or "")
    if not with_tools:
        return types.CreateMessageResult(
            role="assistant", content=text, model=reply.model, stop_reason=stop
        )
    blocks: list[types.SamplingMessageContentBlock] = [text] if text.text else []
    blocks.extend(
        types.ToolUseContent(name=call.name, id=call.id, input=call.arguments)
        for call in reply.tool_calls
    )
    return types.CreateMessageResultWithTools(
        role="assistant", content=blocks or [text], model=reply.model, stop_reason=stop
    )


def _chat_config(request: SamplingRequest, most: int) -> ChatConfig:
    registry = ToolRegistry()
    for schema in request.tools:
        registry.add(schema)
    return ChatConfig(
        history=request.messages,
        system=request.system or None,
        max_tokens=min(request.max_tokens, most),
        temperature=request.temperature,
        stop=request.stop,
        tools=registry if request.tools else None,
        tool_choice=request.tool_choice if request.tools else "auto",
        # A server guesses; what this model does not take must not fail the tool.
        on_unsupported="drop",
    )


def _message(message: types.SamplingMessage) -> Message:
    parts: list[ContentPart] = []
    for block in message.content_as_list:
        if isinstance(block, types.ToolUseContent):
            call = ToolCallResult(id=block.id, name=block.name, arguments=block.input)
            parts.append(ToolCallPart.of(call))
        elif isinstance(block, types.ToolResultContent):
            parts.append(_answer(block))
        else:
            parts.extend(parts_of([block]))
    if parts and all(isinstance(part, ToolResultPart) for part in parts):
        return Message(role=MessageRole.TOOL, content=tuple(parts))
    return Message(role=MessageRole(message.role), content=tuple(parts))


def _answer(block: types.ToolResultContent) -> ToolResultPart:
    return ToolResultPart(
        tool_call_id=block.tool_use_id,
        content=parts_of(block.content),
        is_error=bool(block.is_error),
        structured=block.structured_content,
    )
