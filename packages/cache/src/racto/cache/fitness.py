"""Which replies may be served to others: those that are whole, and that nobody refused."""

from __future__ import annotations

from racto.core.responses import FinishReason, LLMResponse


def is_fit(response: LLMResponse, *, keep_tool_calls: bool = False) -> bool:
    """Whether a cache may keep a reply.

    Args:
        response: The reply.
        keep_tool_calls: Whether one that asks for tools may be kept; the tools may find another
            world next time.
    """
    reason = response.finish_reason
    if response.refusal is not None or not reason.is_complete:
        return False
    return keep_tool_calls or (reason is FinishReason.STOP and not response.tool_calls)
