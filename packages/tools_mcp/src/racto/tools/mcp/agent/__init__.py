"""The agent: a chat kit and tools, run in turns until the model answers."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .agent import MCPAgent as MCPAgent
    from .approvals import (
        Approval as Approval,
        ApprovalRequest as ApprovalRequest,
        Approver as Approver,
        unless_read_only as unless_read_only,
    )
    from .events import (
        AgentEvent as AgentEvent,
        ReplyFinished as ReplyFinished,
        RunFinished as RunFinished,
        TextDelta as TextDelta,
        ThinkingDelta as ThinkingDelta,
        ToolFinished as ToolFinished,
        ToolStarted as ToolStarted,
        TurnStarted as TurnStarted,
    )
    from .limits import AgentLimits as AgentLimits
    from .results import (
        AgentResponse as AgentResponse,
        StopReason as StopReason,
        ToolRun as ToolRun,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "agent": "MCPAgent",
        "approvals": "Approval ApprovalRequest Approver unless_read_only",
        "events": """
            AgentEvent ReplyFinished RunFinished TextDelta ThinkingDelta ToolFinished ToolStarted
            TurnStarted
        """,
        "limits": "AgentLimits",
        "results": "AgentResponse StopReason ToolRun",
    },
)
