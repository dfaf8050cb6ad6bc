"""Runs single tool calls for an agent: what goes wrong in a tool becomes its answer."""

from __future__ import annotations

from typing import Any

from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.tools import ToolRegistry

from .observation import AgentObservation


class ToolExecution:
    """Runs the calls of one run of an agent.

    Args:
        registry: Holds the tools.
        context: Objects for the tools' injected parameters.
        observation: Told of every call.
    """

    def __init__(
        self, registry: ToolRegistry, context: tuple[Any, ...], *, observation: AgentObservation
    ) -> None:
        self._registry = registry
        self._context = context
        self._observation = observation

    def call(self, call: ToolCallResult) -> ToolResultPart:
        """Run a call to its end.

        Args:
            call: The call.

        Raises:
            ConfigurationError: If the tool needs an object that ``tool_context`` does not hold:
                a fault of the program, which the model cannot mend.
        """
        if not self._observation.is_watched:
            return self._registry.execute(call, context=self._context)
        with self._observation.tool(call, is_known=call.name in self._registry) as told:
            return told(self._registry.execute(call, context=self._context))

    async def acall(self, call: ToolCallResult) -> ToolResultPart:
        """Async twin of :meth:`call`."""
        if not self._observation.is_watched:
            return await self._registry.aexecute(call, context=self._context)
        with self._observation.tool(call, is_known=call.name in self._registry) as told:
            return told(await self._registry.aexecute(call, context=self._context))

    def is_async(self, name: str) -> bool:
        """Whether a tool has an async function, which can be cancelled."""
        return self._registry.get_async_callable(name) is not None
