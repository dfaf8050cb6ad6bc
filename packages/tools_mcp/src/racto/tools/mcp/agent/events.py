"""What happens in a run, as typed events in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from racto.core.content import ToolCallResult
from racto.core.responses import LLMResponse

from .results import AgentResponse, ToolRun


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStarted:
    """The model is about to be asked.

    Attributes:
        turn: Number of the turn, from 1.
    """

    turn: int
    type: Literal["turn_started"] = "turn_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class TextDelta:
    """A piece of the model's words.

    Attributes:
        turn: Number of the turn.
        text: The piece.
    """

    turn: int
    text: str
    type: Literal["text_delta"] = "text_delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThinkingDelta:
    """A piece of the model's reasoning.

    Attributes:
        turn: Number of the turn.
        text: The piece.
    """

    turn: int
    text: str
    type: Literal["thinking_delta"] = "thinking_delta"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFinished:
    """The model has spoken: its whole reply, with the tool calls that it asks for.

    Attributes:
        turn: Number of the turn.
        response: The reply.
    """

    turn: int
    response: LLMResponse
    type: Literal["reply_finished"] = "reply_finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted:
    """A tool begins to run.

    Attributes:
        turn: Number of the turn that asked for it.
        call: The call as it is run.
    """

    turn: int
    call: ToolCallResult
    type: Literal["tool_started"] = "tool_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFinished:
    """A tool has answered or failed, or its call was not approved; they come as they end.

    Attributes:
        turn: Number of the turn that asked for it.
        run: The call and its whole answer.
    """

    turn: int
    run: ToolRun
    type: Literal["tool_finished"] = "tool_finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The run is over; always the last event.

    Attributes:
        response: What ``run`` would have returned.
    """

    response: AgentResponse
    type: Literal["run_finished"] = "run_finished"


AgentEvent: TypeAlias = (
    TurnStarted
    | TextDelta
    | ThinkingDelta
    | ReplyFinished
    | ToolStarted
    | ToolFinished
    | RunFinished
)
"""Any event of a run, told apart by its class or its ``type``."""
