"""What the model says, as an interaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.responses import FinishReason
from racto.core.usage import Usage
from racto.testing.arguments import argument_object
from racto.testing.gemini.calls import base64_of
from racto.testing.gemini.moments import moment
from racto.testing.replies import Reply

_STATES = {
    FinishReason.TOOL_CALL: "requires_action",
    FinishReason.LENGTH: "incomplete",
    FinishReason.CONTEXT_OVERFLOW: "incomplete",
    # To go on, the client sends the continuation token back.
    FinishReason.PAUSE: "requires_continuation",
    FinishReason.CANCELLED: "cancelled",
    FinishReason.CONTENT_FILTER: "failed",
    FinishReason.REFUSAL: "failed",
    FinishReason.ERROR: "failed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One reply to one request, ready to be sent whole or as events.

    Attributes:
        id: Id of the interaction.
        asked: The request, as it was read.
        reply: What is said.
    """

    id: str
    asked: Mapping[str, Any]
    reply: Reply

    @property
    def state(self) -> str:
        """The API's word for how it ends."""
        if self._malformed:
            return self.reply.raw_finish or "failed"
        return self.reply.raw_finish or _STATES.get(self.reply.outcome, "completed")

    @property
    def continuation(self) -> str | None:
        """The token with which a client goes on; None when there is nothing to go on with."""
        return base64_of(self.id) if self.state == "requires_continuation" else None

    @property
    def open_calls(self) -> Sequence[str]:
        """Ids of the calls that wait for a result."""
        return [step["id"] for step in self.steps() if step["type"] == "function_call"]

    @property
    def thoughts(self) -> Sequence[str]:
        """The thinking in pieces, if it was asked for."""
        wanted = self.asked.get("generationConfig", {}).get("thinkingSummaries", "none")
        return self.reply.thoughts if wanted == "auto" else ()

    @property
    def pieces(self) -> Sequence[str]:
        """The words in pieces; words of a refusal are words here."""
        return self.reply.pieces or ((self.reply.refusal,) if self.reply.refusal else ())

    def steps(self) -> list[dict[str, Any]]:
        """What the model does, step by step."""
        steps: list[dict[str, Any]] = []
        thought: dict[str, Any] = {"type": "thought"}
        if self.reply.signature:
            thought["signature"] = base64_of(self.reply.signature)
        if self.thoughts:
            thought["summary"] = [{"type": "text", "text": "".join(self.thoughts)}]
        if len(thought) > 1:
            steps.append(thought)
        if self.pieces:
            content: dict[str, Any] = {"type": "text", "text": "".join(self.pieces)}
            if self.reply.citations:
                content["annotations"] = [dict(each) for each in self.reply.citations]
            steps.append({"type": "model_output", "content": [content]})
        return [*steps, *self._call_steps()]

    def body(self, state: str | None = None) -> dict[str, Any]:
        """The interaction; while it has another state, it has said nothing.

        Args:
            state: The state to show instead of the one that it ends in.
        """
        body = self.head(state or self.state)
        if state is not None:
            return body
        if self.continuation:
            body["continuation_token"] = self.continuation
        if self._malformed:
            told = f"the arguments of {self._malformed} are no JSON object"
            body["errors"] = [{"code": "malformed_function_call", "message": told}]
        usage = {} if self.reply.usage is None else {"usage": usage_of(self.reply.usage)}
        return {**body, "steps": self.steps(), **usage}

    def head(self, state: str) -> dict[str, Any]:
        """What is known of the interaction at any time.

        Args:
            state: The state that it is in.
        """
        told = {
            "id": self.id,
            "object": "interaction",
            "status": state,
            "model": self.reply.model or self.asked.get("model", ""),
            "created": moment(),
            "updated": moment(),
        }
        if "previousInteractionId" in self.asked:
            told["previous_interaction_id"] = self.asked["previousInteractionId"]
        return told

    @property
    def _malformed(self) -> str | None:
        """The first tool whose arguments are no JSON object, which the API cannot tell."""
        calls = self.reply.tool_calls
        return next((call.name for call in calls if argument_object(call) is None), None)

    def _call_steps(self) -> list[dict[str, Any]]:
        return [
            {
                "type": "function_call",
                "id": call.id or f"call-{self.id}-{number}",
                "name": call.name,
                "arguments": arguments,
            }
            for number, call in enumerate(self.reply.tool_calls, 1)
            if (arguments := argument_object(call)) is not None
        ]


def usage_of(usage: Usage) -> dict[str, int]:
    """Tokens as the API counts them: thoughts beside the output.

    Args:
        usage: The usage.
    """
    return {
        "total_input_tokens": usage.prompt_tokens,
        "total_cached_tokens": usage.cache_read_tokens,
        "total_output_tokens": usage.output_tokens - usage.reasoning_tokens,
        "total_thought_tokens": usage.reasoning_tokens,
        "total_tokens": usage.total_tokens,
    }
