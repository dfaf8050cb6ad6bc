"""The flow of an agent: ask, run the tools that were called, ask again, until there is an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.content import ToolCallResult
from racto.core.errors import (
    ConfigurationError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    ToolError,
    UnsupportedFeatureError,
)
from racto.core.flows import step
from racto.core.protocols.chat import ChatKit
from racto.core.responses import FinishReason, LLMResponse
from racto.core.tools import ToolRegistry

from .answers import noted, refused, shortened
from .approvals import Approval, ApprovalRequest, Approver, adecided, decided
from .asking import asked, streamed
from .crew import Crew, Job
from .drivers import AgentFlow, is_leaving
from .events import ReplyFinished, RunFinished, ToolFinished, TurnStarted
from .execution import ToolExecution
from .limits import AgentLimits
from .media import without_media
from .observation import AgentObservation
from .record import RunRecord
from .results import StopReason, ToolRun

# A kit's clock may be a little ahead of ours, and its timeout then comes before the run's.
_EARLY_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentParts:
    """What an agent is made of, and all of its runs share.

    Attributes:
        kit: Who is asked.
        registry: The tools.
        max_turns: Most turns of a run.
        limits: All other limits.
        approve: Decides on each call; None lets every call run.
    """

    kit: ChatKit
    registry: ToolRegistry
    max_turns: int
    limits: AgentLimits
    approve: Approver | None = None


class AgentLoop:
    """One run of an agent, from its first question to its last event.

    Args:
        parts: The agent.
        config: What it is asked.
        streams: Whether replies are streamed.
        observation: Told of the run.
    """

    def __init__(
        self,
        parts: AgentParts,
        config: ChatConfig,
        *,
        streams: bool,
        observation: AgentObservation,
    ) -> None:
        self._parts = parts
        self._config = config
        self._streams = streams
        self._observation = observation
        self._record = RunRecord(config, parts.kit, max_turns=parts.max_turns, limits=parts.limits)
        self._execution = ToolExecution(
            parts.registry, config.tool_context, observation=observation
        )
        self._tool_choice = config.tool_choice

    def flow(self) -> AgentFlow[None]:
        """The run from its first question to its last event.

        Raises:
            RactoGatewayError: What the kit, or the approver, raised; ``partial`` holds the run so
                far and ``usage`` what it cost.
        """
        try:
            reason = yield from self._turns()
        except BaseException as error:
            if isinstance(error, RactoGatewayError):
                self._record.attach(error)
            self._observation.fail(None if is_leaving(error) else error)
            raise
        response = self._record.response(reason)
        self._observation.finish(response)
        yield RunFinished(response=response)

    def _turns(self) -> AgentFlow[StopReason]:
        record = self._record
        while True:
            record.turns += 1
            # Nobody reads the events of a run that is not streamed; the last one is its result.
            if self._streams:
                yield TurnStarted(turn=record.turns)
            reply = yield from self._reply()
            if reply is None:
                return StopReason.MAX_SECONDS
            record.take(reply)
            if self._streams:
                yield ReplyFinished(turn=record.turns, response=reply)
            reason = yield from self._after(reply)
            if reason is not None:
                return reason

    def _reply(self) -> AgentFlow[LLMResponse | None]:
        """The model's next reply; None when the time was up before it came."""
        record = self._record
        messages = record.messages
        while True:
            try:
                reply = yield from self._asked(self._request(messages))
            except UnsupportedFeatureError as error:
                # Before anything was sent. A picture that a tool brought is not worth the run.
                changed = without_media(messages, error.feature)
                if changed is None:
                    raise
                messages = changed
            except RactoGatewayTimeoutError as error:
                if record.deadline.remaining() > _EARLY_SECONDS:
                    raise
                record.cut(error)
                return None
            else:
                record.messages = messages
                return reply

    def _asked(self, config: ChatConfig) -> AgentFlow[LLMResponse]:
        if self._streams:
            record = self._record
            return streamed(self._parts.kit, config, record.deadline, turn=record.turns)
        return asked(self._parts.kit, config)

    def _request(self, messages: Sequence[Any]) -> ChatConfig:
        tools = self._parts.registry
        changes: dict[str, Any] = {
            # Some servers refuse an empty list of tools.
            "tools": tools if len(tools) else None,
            "tool_choice": self._tool_choice if len(tools) else "auto",
            "auto_execute_tools": False,
        }
        if self._record.turns > 1:
            changes |= {"user_message": "", "attachments": None, "history": tuple(messages)}
        elif messages is not self._record.messages:
            before = len(self._config.history)
            changes["history"] = tuple(messages[:before])
        if self._parts.limits.max_seconds is not None:
            # Never zero, which some take for no limit at all.
            left = self._record.deadline.timeout(self._config.timeout)
            changes["timeout"] = max(left or 0.0, 0.001)
        # Nothing is validated again: a long history is passed on as it is.
        return self._config.model_copy(update=changes)

    def _after(self, reply: LLMResponse) -> AgentFlow[StopReason | None]:
        """Do what a reply asks for, and tell why the run ends, or None when it goes on."""
        record, finish = self._record, reply.finish_reason
        if finish is FinishReason.PAUSE:
            # To be continued with the same conversation; calls in it are not meant yet.
            record.settle("the reply was interrupted; call it again if you still need it")
            return record.limit()
        if not finish.is_complete:
            # What the model did not finish, or was kept from, must have no effects.
            record.settle(f"the reply ended early ({finish.value})")
            return StopReason(finish.value)
        if not reply.tool_calls:
            return StopReason.ANSWERED
        reason = record.limit()
        if reason is None:
            reason = yield from self._run_tools(reply.tool_calls)
        record.settle(_why_not(reason))
        return reason

    def _run_tools(self, calls: Sequence[ToolCallResult]) -> AgentFlow[StopReason | None]:
        record, limits = self._record, self._parts.limits
        # A forced tool has had its turn; forcing it again would never end.
        self._tool_choice = "none" if self._config.tool_choice == "none" else "auto"
        affordable = calls[: record.calls_left]
        jobs = yield from self._jobs(affordable)
        crew = Crew(
            jobs,
            self._execution,
            turn=record.turns,
            width=limits.max_parallel_tools,
            timeout=limits.tool_timeout,
            deadline=record.deadline,
            tells=self._streams,
        )
        try:
            while not crew.is_done:
                news = yield from step(crew.next, crew.anext)
                if self._streams:
                    yield news
        finally:
            # Also when the run breaks off: what was done is part of its record.
            self._note(crew, calls)
            if not crew.is_done:
                yield from step(crew.leave, crew.aleave)
        if record.deadline.expired:
            return StopReason.MAX_SECONDS
        return StopReason.MAX_TOOL_CALLS if len(affordable) < len(calls) else None

    def _note(self, crew: Crew, calls: Sequence[ToolCallResult]) -> None:
        record, most = self._record, self._parts.limits.max_result_chars
        for position, run in sorted(crew.runs.items()):
            record.calls += 1
            record.tool_runs.append(run)
            shown = shortened(run.result, most)
            if run.call is not calls[position] and run.call != calls[position]:
                shown = noted(shown, run.call.arguments)
            if record.answers is not None:
                record.answers.give(position, shown)

    def _jobs(self, calls: Sequence[ToolCallResult]) -> AgentFlow[list[Job]]:
        """The calls that may run; approvers are asked one by one, before any of them runs."""
        record = self._record
        if self._parts.approve is None:
            return [Job(position=position, call=call) for position, call in enumerate(calls)]
        jobs: list[Job] = []
        for position, call in enumerate(calls):
            verdict = yield from self._verdict(call)
            if verdict is None:
                jobs.append(Job(position=position, call=call))
            elif verdict.allowed:
                jobs.append(Job(position=position, call=_edited(call, verdict), approved=True))
            else:
                answer = refused(call, verdict.reason)
                run = ToolRun(turn=record.turns, call=call, result=answer, approved=False)
                record.tool_runs.append(run)
                if record.answers is not None:
                    record.answers.give(position, answer)
                if self._streams:
                    yield ToolFinished(turn=record.turns, run=run)
        return jobs

    def _verdict(self, call: ToolCallResult) -> AgentFlow[Approval | None]:
        """What the approver says; None when there is nothing to ask."""
        approve, registry = self._parts.approve, self._parts.registry
        schema = registry.get_schema(call.name)
        if approve is None or schema is None or call.is_malformed:
            return None
        try:
            registry.validate(call.name, call.arguments)
        except ToolError:
            # It cannot run, as its execution will tell the model; nobody need be bothered.
            return None
        request = ApprovalRequest(call=call, schema=schema, turn=self._record.turns)
        return (yield from step(decided, adecided, approve, request))


def check_choice(config: ChatConfig, registry: ToolRegistry) -> None:
    """Do nothing if the request's ``tool_choice`` can be kept with these tools.

    Raises:
        ConfigurationError: If it names a tool that is not there.
    """
    choice = config.tool_choice
    if choice not in ("auto", "required", "none") and choice not in registry:
        raise ConfigurationError(
            f"tool_choice={choice!r} names no tool of this agent, whose registry takes the place "
            f"of config.tools; it has {sorted(registry.tools)!r:.500}"
        )


def _edited(call: ToolCallResult, verdict: Approval) -> ToolCallResult:
    if verdict.arguments is None or verdict.arguments == call.arguments:
        return call
    return call.model_copy(update={"arguments": dict(verdict.arguments)})


def _why_not(reason: StopReason | None) -> str:
    return f"the run stopped at its limit ({reason.value if reason else 'none'})"
