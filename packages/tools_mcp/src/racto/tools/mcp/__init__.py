"""Tools over the Model Context Protocol: clients, a server, and an agent for any chat kit."""

from typing import TYPE_CHECKING

from racto.core.lazy import lazily

if TYPE_CHECKING:
    from .agent import (
        AgentLimits as AgentLimits,
        AgentResponse as AgentResponse,
        Approval as Approval,
        ApprovalRequest as ApprovalRequest,
        MCPAgent as MCPAgent,
        StopReason as StopReason,
    )
    from .catalogs import (
        MCPPrompt as MCPPrompt,
        MCPPromptArgument as MCPPromptArgument,
        MCPResource as MCPResource,
        MCPResourceTemplate as MCPResourceTemplate,
        ServerInfo as ServerInfo,
    )
    from .client import (
        RactoMCPClient as RactoMCPClient,
    )
    from .configfiles import (
        load_configs as load_configs,
    )
    from .configs import (
        MCPClientConfig as MCPClientConfig,
        MCPServerConfig as MCPServerConfig,
    )
    from .failures import (
        ConnectionClosedError as ConnectionClosedError,
    )
    from .fleet import (
        MCPMultiClient as MCPMultiClient,
        ServerState as ServerState,
    )
    from .interactions import (
        Elicitation as Elicitation,
        ElicitationRequest as ElicitationRequest,
        Interactions as Interactions,
        LogMessage as LogMessage,
        SamplingRequest as SamplingRequest,
        ServerChange as ServerChange,
    )
    from .results import (
        MCPToolResult as MCPToolResult,
    )
    from .sampling import (
        SamplingDeniedError as SamplingDeniedError,
        sampling_by as sampling_by,
    )
    from .server import (
        RactoMCPServer as RactoMCPServer,
        ServerLimits as ServerLimits,
        ToolContext as ToolContext,
    )

__getattr__, __dir__, __all__ = lazily(
    __name__,
    {
        "agent": "AgentLimits AgentResponse Approval ApprovalRequest MCPAgent StopReason",
        "catalogs": "MCPPrompt MCPPromptArgument MCPResource MCPResourceTemplate ServerInfo",
        "client": "RactoMCPClient",
        "configfiles": "load_configs",
        "configs": "MCPClientConfig MCPServerConfig",
        "failures": "ConnectionClosedError",
        "fleet": "MCPMultiClient ServerState",
        "interactions": """
            Elicitation ElicitationRequest Interactions LogMessage SamplingRequest ServerChange
        """,
        "results": "MCPToolResult",
        "sampling": "SamplingDeniedError sampling_by",
        "server": "RactoMCPServer ServerLimits ToolContext",
    },
)
