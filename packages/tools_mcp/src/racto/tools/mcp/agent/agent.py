"""MCPAgent: asks a model, runs the tools it calls, local or remote, and asks again."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import aclosing, closing
from types import TracebackType
from typing import TYPE_CHECKING, Any, cast

from racto.core.chat import ChatConfig
from racto.core.errors import ConfigurationError
from racto.core.messages import MessageRole
from racto.core.protocols.chat import ChatKit
from racto.core.protocols.metrics import Metrics
from racto.core.protocols.tracing import Tracer
from racto.core.responses import FinishReason
from racto.core.telemetry.hooks import NOOP_METRICS, NOOP_TRACER
from racto.core.tools import ToolRegistry

from .approvals import Approver
from .drivers import aplayed, played
from .events import AgentEvent, RunFinished
from .limits import AgentLimits
from .loop import AgentLoop, AgentParts, check_choice
from .observation import AgentObservation
from .results import AgentResponse

if TYPE_CHECKING:
    from racto.tools.mcp.configs import MCPClientConfig


class MCPAgent:
    """Runs a chat kit and tools in turns until the model answers or a limit is reached.

    Takes any :class:`~racto.core.protocols.ChatKit` and any
    :class:`~racto.core.ToolRegistry`; its tools may be functions here or on MCP servers. The
    tools of one turn run at once. Whatever goes wrong in a tool is told to the model; what goes
    wrong in the kit is raised, with the run so far in ``error.partial``. Keeps nothing of a run,
    so one agent serves many threads and tasks.

    The reference package loses the question after the first turn and the ids of the calls; here
    every request holds the whole conversation.

    Args:
        kit: Asks the model.
        registry: The tools.
        max_turns: How often the model is asked in one run, at least once. The calls of the last
            reply are not run, because nobody would read what they bring.
        limits: What a run may use up beside that.
        approve: Decides on each call before it runs; None lets every call run. Calls of one turn
            are asked about one by one, and none runs before all are decided. An approver that
            raises ends the run with its error.
        name: Name of the agent in traces.
        tracer: Gets a span for each run and below it one for each tool call.
        metrics: Gets their durations.

    Raises:
        ConfigurationError: If the registry is no ``ToolRegistry``, the kit cannot chat, or
            ``max_turns`` is below 1.
    """

    def __init__(
        self,
        kit: ChatKit,
        registry: ToolRegistry,
        *,
        max_turns: int = 10,
        limits: AgentLimits | None = None,
        approve: Approver | None = None,
        name: str = "",
        tracer: Tracer = NOOP_TRACER,
        metrics: Metrics = NOOP_METRICS,
    ) -> None:
        _check(kit, registry, max_turns)
        self._parts = AgentParts(
            kit=kit,
            registry=registry,
            max_turns=max_turns,
            limits=limits or AgentLimits(),
            approve=approve,
        )
        self._name = name
        self._tracer = tracer
        self._metrics = metrics
        self._client: Any = None

    @classmethod
    def from_mcp(
        cls,
        kit: ChatKit,
        configs: Sequence[MCPClientConfig],
        *,
        max_turns: int = 10,
        limits: AgentLimits | None = None,
        approve: Approver | None = None,
        name: str = "",
        tracer: Tracer = NOOP_TRACER,
        metrics: Metrics = NOOP_METRICS,
    ) -> MCPAgent:
        """An agent with the tools of MCP servers, whose sessions stay open until it is closed.

        May be called while an event loop runs, and blocks it then (the reference package raises).

        Args:
            kit: Asks the model.
            configs: The servers.
            max_turns: As for the class.
            limits: As for the class.
            approve: As for the class.
            name: As for the class.
            tracer: As for the class.
            metrics: As for the class.

        Raises:
            ConfigurationError: As for the class.
            APIConnectionError: If no server can be reached.
        """
        from racto.tools.mcp import MCPMultiClient

        client = MCPMultiClient(configs)
        client.open()
        # Nobody else knows of these sessions yet, and server processes would stay behind.
        try:
            agent = cls(
                kit,
                client.to_registry_sync(),
                max_turns=max_turns,
                limits=limits,
                approve=approve,
                name=name,
                tracer=tracer,
                metrics=metrics,
            )
        except BaseException:
            client.close()
            raise
        agent._client = client
        return agent

    @property
    def registry(self) -> ToolRegistry:
        """The tools that the model may call."""
        return self._parts.registry

    @property
    def max_turns(self) -> int:
        """How often the model is asked in one run."""
        return self._parts.max_turns

    @property
    def limits(self) -> AgentLimits:
        """What a run may use up beside that."""
        return self._parts.limits

    def run(self, config: ChatConfig) -> AgentResponse:
        """Answer a request, with tools where the model asks for them.

        Args:
            config: What to ask. The agent's registry takes the place of ``tools``;
                ``auto_execute_tools`` and ``max_tool_turns`` are the agent's own affair.
                ``timeout`` holds for each model call. A ``tool_choice`` that forces a tool holds
                until tools have run.

        Returns:
            The last reply; ``stop_reason`` says whether it is the answer.

        Raises:
            ConfigurationError: If ``tool_choice`` names no tool, or a tool needs an object that
                ``tool_context`` does not hold.
            RactoGatewayError: What the kit raised. ``partial`` is an :class:`AgentResponse` with
                the run so far, fit for :meth:`resume`; ``usage`` is what all of it cost.
        """
        with closing(self._events(config, streams=False)) as events:
            return _response_of(list(events))

    async def arun(self, config: ChatConfig) -> AgentResponse:
        """Async twin of :meth:`run`; cancelling it cancels the tools that run."""
        async with aclosing(self._aevents(config, streams=False)) as events:
            return _response_of([event async for event in events])

    def stream(self, config: ChatConfig) -> Generator[AgentEvent, None, None]:
        """Answer a request and tell what happens meanwhile; the last event holds the result.

        Closing the iterator, or leaving it, hangs up on the model and cancels the tools.

        Args:
            config: As for :meth:`run`.

        Raises:
            RactoGatewayError: As for :meth:`run`.
        """
        return self._events(config, streams=True)

    def astream(self, config: ChatConfig) -> AsyncGenerator[AgentEvent, None]:
        """Async twin of :meth:`stream`."""
        return self._aevents(config, streams=True)

    def resume(self, previous: AgentResponse, question: str | ChatConfig = "") -> AgentResponse:
        """Go on where a run ended, in this process or in another one.

        Args:
            previous: What a run returned, or the ``partial`` of its error.
            question: What to ask next. A text is asked with default settings; a request keeps its
                own, and its ``history`` is replaced by the transcript. Left empty, a run that a
                limit or an error ended goes on with what it was doing.

        Returns:
            As :meth:`run`. ``transcript`` holds all of the conversation; usage, turns and tool
            runs are those of this run alone.

        Raises:
            ConfigurationError: If there is nothing to answer: the model spoke last, and there is
                no question.
            RactoGatewayError: As for :meth:`run`.
        """
        return self.run(_going_on(previous, question))

    async def aresume(
        self, previous: AgentResponse, question: str | ChatConfig = ""
    ) -> AgentResponse:
        """Async twin of :meth:`resume`."""
        return await self.arun(_going_on(previous, question))

    def close(self) -> None:
        """Close the sessions that :meth:`from_mcp` opened; never what was handed in."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    def __enter__(self) -> MCPAgent:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> MCPAgent:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        tools, turns = len(self.registry), self.max_turns
        return f"MCPAgent({self._parts.kit!r}, {tools} tools, max_turns={turns})"

    def _events(self, config: ChatConfig, *, streams: bool) -> Generator[AgentEvent, None, None]:
        loop, observation = self._opened(config, streams=streams)
        yield from played(loop.flow(), observation.context)

    async def _aevents(
        self, config: ChatConfig, *, streams: bool
    ) -> AsyncGenerator[AgentEvent, None]:
        loop, observation = self._opened(config, streams=streams)
        async with aclosing(aplayed(loop.flow(), observation.context)) as events:
            async for event in events:
                yield event

    def _opened(self, config: ChatConfig, *, streams: bool) -> tuple[AgentLoop, AgentObservation]:
        parts = self._parts
        check_choice(config, parts.registry)
        observation = AgentObservation(
            self._tracer,
            self._metrics,
            name=self._name,
            provider=parts.kit.provider,
            model=config.model or parts.kit.model,
        )
        return AgentLoop(parts, config, streams=streams, observation=observation), observation


def _check(kit: Any, registry: Any, max_turns: int) -> None:
    if not isinstance(registry, ToolRegistry):
        raise ConfigurationError(
            "MCPAgent needs a ToolRegistry, whose tools it can run, and got "
            f"{type(registry).__name__}. list_tools() and list_tools_sync() only describe tools: "
            "pass client.to_registry_sync() or await client.to_registry(), build "
            "ToolRegistry([function, ...]), or use MCPAgent.from_mcp(kit, configs)"
        )
    if not (callable(getattr(kit, "chat", None)) and callable(getattr(kit, "achat", None))):
        raise ConfigurationError(
            f"MCPAgent needs a chat kit with chat() and achat(), and got {type(kit).__name__}"
        )
    if max_turns < 1:
        raise ConfigurationError(f"max_turns must be 1 or more, not {max_turns}")


def _response_of(events: list[AgentEvent]) -> AgentResponse:
    # A run that ends without an error ends with this event.
    return cast("RunFinished", events[-1]).response


def _going_on(previous: AgentResponse, question: str | ChatConfig) -> ChatConfig:
    transcript = previous.transcript
    if isinstance(question, ChatConfig):
        # A request is often the one that began the run; its old history is in the transcript.
        return question.model_copy(update={"history": transcript})
    spoke_last = bool(transcript) and transcript[-1].role is MessageRole.ASSISTANT
    if not question and (not transcript or (spoke_last and not _is_paused(previous))):
        raise ConfigurationError(
            f"there is nothing to go on with: the run ended ({previous.stop_reason.value}) and the "
            "model spoke last; give a question"
        )
    return ChatConfig(user_message=question, history=transcript)


def _is_paused(previous: AgentResponse) -> bool:
    return previous.finish_reason is FinishReason.PAUSE
