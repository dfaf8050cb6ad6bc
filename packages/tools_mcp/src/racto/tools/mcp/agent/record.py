"""The record of one run: what was said and done so far, what it cost, and what may still be."""

from __future__ import annotations

from racto.core.chat import ChatConfig
from racto.core.deadlines import Deadline
from racto.core.errors import RactoGatewayError
from racto.core.protocols.chat import ChatKit
from racto.core.responses import FinishReason, LLMResponse
from racto.core.usage import Usage

from .answers import Answers
from .limits import AgentLimits
from .results import AgentResponse, StopReason, ToolRun
from .spending import Spending


class RunRecord:
    """The state of a run between its turns; not shared between runs.

    Args:
        config: What the run was asked.
        kit: Who is asked.
        max_turns: Most turns.
        limits: All other limits.

    Attributes:
        messages: The conversation so far; an open turn of calls is not answered in it yet.
        deadline: When the run must be over.
        turns: Turns so far.
        tool_runs: Calls that were run or not approved.
        calls: Calls that were run.
        answers: The answers of the open turn; None when no calls are open.
    """

    def __init__(
        self, config: ChatConfig, kit: ChatKit, *, max_turns: int, limits: AgentLimits
    ) -> None:
        # The question stands here from the start, with its files: no later turn can lose it.
        self.messages = config.messages()
        self.deadline = Deadline.after(limits.max_seconds)
        self.turns = 0
        self.tool_runs: list[ToolRun] = []
        self.calls = 0
        self.answers: Answers | None = None
        self._kit = kit
        self._config = config
        self._max_turns = max_turns
        self._limits = limits
        self._spending = Spending()
        self._last: LLMResponse | None = None

    @property
    def calls_left(self) -> int | None:
        """How many calls may still be run; None for any number."""
        most = self._limits.max_tool_calls
        return None if most is None else max(0, most - self.calls)

    def take(self, reply: LLMResponse) -> None:
        """Note a whole reply; its calls, if it has any, are open then."""
        self._last = reply
        # What a cache gave was paid for when it was made.
        if not reply.cached:
            self._spending.add(reply.usage)
        said = reply.message
        # Providers refuse an empty turn, so nothing said is nothing kept.
        if said.parts:
            self.messages.append(said)
        self.answers = Answers(reply.tool_calls) if reply.tool_calls else None

    def settle(self, why_not: str = "") -> None:
        """Close the open turn, if there is one.

        Args:
            why_not: What the model is told of calls without an answer.
        """
        answers, self.answers = self.answers, None
        if answers is not None:
            self.messages.append(answers.message(why_not))

    def limit(self) -> StopReason | None:
        """The limit that forbids another turn; None when there is none."""
        limits, spent = self._limits, self._spending
        if self.turns >= self._max_turns:
            return StopReason.MAX_TURNS
        if limits.max_tokens is not None and spent.tokens >= limits.max_tokens:
            return StopReason.MAX_TOKENS
        if limits.max_cost is not None and spent.cost is None:
            return StopReason.UNKNOWN_COST
        if limits.max_cost is not None and (spent.cost or 0.0) >= limits.max_cost:
            return StopReason.MAX_COST
        return StopReason.MAX_SECONDS if self.deadline.expired else None

    def cut(self, error: RactoGatewayError) -> None:
        """Note that the time was up before a reply was whole."""
        # Its cost may not be known, and unknown is not nothing.
        self._spending.add(self._broken(error) or Usage())

    def attach(self, error: RactoGatewayError) -> None:
        """Hand what was done so far to whoever catches an error: ``partial`` and ``usage``."""
        if (spent := self._broken(error)) is not None:
            self._spending.add(spent)
        self.settle("the run broke off with an error")
        error.usage = self._spending.usage if self._spending.is_known else None
        error.partial = self.response(StopReason.ERROR)

    def response(self, reason: StopReason) -> AgentResponse:
        """The run's result as it stands."""
        last = self._last
        if last is None:
            finish = FinishReason.ERROR if reason is StopReason.ERROR else FinishReason.CANCELLED
            model = self._config.model or self._kit.model
            last = LLMResponse(finish_reason=finish, provider=self._kit.provider, model=model)
        return AgentResponse.of(
            last,
            usage=self._spending.usage,
            stop_reason=reason,
            transcript=tuple(self.messages),
            turns=self.turns,
            tool_runs=tuple(self.tool_runs),
        )

    def _broken(self, error: RactoGatewayError) -> Usage | None:
        """Keep what had come of a reply that broke off, and tell what it cost."""
        partial = error.partial if isinstance(error.partial, LLMResponse) else None
        if partial is not None:
            # Not in the transcript: half a reply cannot be sent back.
            self._last = partial
        return error.usage or (partial.usage if partial is not None else None)
