"""What a run of an agent returns: the last reply, why it stopped, and all that happened."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.messages import Message
from racto.core.responses import LLMResponse
from racto.core.usage import Usage


class StopReason(StrEnum):
    """Why a run ended.

    ``answered`` is the good end. Those that begin with ``max_``, and ``unknown_cost``, are limits;
    the others are the model's own way to end, as :class:`~racto.core.FinishReason` names it.
    """

    ANSWERED = "answered"
    MAX_TURNS = "max_turns"
    MAX_TOOL_CALLS = "max_tool_calls"
    MAX_TOKENS = "max_tokens"
    MAX_COST = "max_cost"
    UNKNOWN_COST = "unknown_cost"
    MAX_SECONDS = "max_seconds"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    REFUSAL = "refusal"
    CONTEXT_OVERFLOW = "context_overflow"
    CANCELLED = "cancelled"
    ERROR = "error"
    UNKNOWN = "unknown"

    @property
    def is_limit(self) -> bool:
        """Whether a limit of the agent ended the run, so that resuming it would go on."""
        return self is StopReason.UNKNOWN_COST or self.value.startswith("max_")


class ToolRun(BaseModel):
    """One call of a tool that was run, or that was not approved.

    Attributes:
        turn: The turn that asked for it, from 1.
        call: The call as it was run; its arguments are the approver's where he changed them.
        result: The tool's whole answer; the transcript holds what the model was shown of it.
        seconds: How long it took; zero for a call that was not approved.
        approved: Whether it was approved; None when nobody was asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    turn: int
    call: ToolCallResult
    result: ToolResultPart
    seconds: float = 0.0
    approved: bool | None = None


class AgentResponse(LLMResponse):
    """The last reply of a run, with the whole run beside it; loss-free through JSON but for ``raw``.

    All fields of :class:`~racto.core.LLMResponse` are the last reply's, except ``usage``, which is
    the sum over all replies of this run that no cache gave.

    Attributes:
        stop_reason: Why the run ended.
        transcript: The conversation: the history that was given, the question, every turn of the
            model, the answers of the tools. Every tool call in it is answered, so that it can be
            the history of another request to any provider. A reply that broke off is not in it.
        turns: How often the model was asked.
        tool_runs: The calls that were run or not approved, by turn and position.
    """

    stop_reason: StopReason = StopReason.ANSWERED
    transcript: tuple[Message, ...] = ()
    turns: int = 0
    tool_runs: tuple[ToolRun, ...] = ()

    @classmethod
    def of(
        cls,
        reply: LLMResponse,
        *,
        usage: Usage,
        stop_reason: StopReason,
        transcript: tuple[Message, ...],
        turns: int,
        tool_runs: tuple[ToolRun, ...],
    ) -> AgentResponse:
        """A run's result around its last reply.

        Args:
            reply: The last reply.
            usage: Tokens and cost of the run.
            stop_reason: Why it ended.
            transcript: The conversation.
            turns: How often the model was asked.
            tool_runs: What was run.
        """
        said = {name: getattr(reply, name) for name in LLMResponse.model_fields}
        # Checked when each part was made; a long transcript is not checked again.
        return cls.model_construct(
            **said | {"usage": usage},
            stop_reason=stop_reason,
            transcript=transcript,
            turns=turns,
            tool_runs=tool_runs,
        )
