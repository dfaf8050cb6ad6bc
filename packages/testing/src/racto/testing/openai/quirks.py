"""How servers that speak OpenAI's Chat Completions differ from OpenAI, one switch a habit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """Habits of compatible servers, for tests that must live with them; none by default.

    Attributes:
        no_usage: Usage is never reported, in a whole reply or in a stream.
        no_finish_reason: A stream ends without a finish reason.
        no_done: A stream ends without ``[DONE]``.
        no_index: Fragments of tool calls in a stream carry no ``index``.
        no_call_ids: Tool calls have no ``id``.
        whole_calls: A stream sends each tool call in one piece.
        reasoning_content: Thinking is shown, in the field ``reasoning_content``.
        any_field: Fields that OpenAI does not know are ignored instead of refused.
    """

    no_usage: bool = False
    no_finish_reason: bool = False
    no_done: bool = False
    no_index: bool = False
    no_call_ids: bool = False
    whole_calls: bool = False
    reasoning_content: bool = False
    any_field: bool = False
