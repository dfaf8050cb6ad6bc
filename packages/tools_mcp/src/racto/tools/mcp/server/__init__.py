"""Serve tools, resources and prompts over the Model Context Protocol."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .adapters import (
        DataAnalyst as DataAnalyst,
        DataAnswer as DataAnswer,
        FoundPassages as FoundPassages,
        GroundedAnswer as GroundedAnswer,
        QuestionAnswerer as QuestionAnswerer,
        analyst_tool as analyst_tool,
        rag_tool as rag_tool,
        retriever_tool as retriever_tool,
    )
    from .contexts import (
        ToolContext as ToolContext,
    )
    from .limits import (
        ServerLimits as ServerLimits,
    )
    from .lines import (
        ToolCancelledError as ToolCancelledError,
    )
    from .questions import (
        UserReply as UserReply,
    )
    from .server import (
        RactoMCPServer as RactoMCPServer,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "adapters": "DataAnalyst DataAnswer FoundPassages GroundedAnswer QuestionAnswerer "
        "analyst_tool rag_tool retriever_tool",
        "contexts": "ToolContext",
        "limits": "ServerLimits",
        "lines": "ToolCancelledError",
        "questions": "UserReply",
        "server": "RactoMCPServer",
    },
)
