"""One request on its way to an answer: calls, rounds of tools and repairs under one deadline.

The conversation only grows: tool calls go back with their ids and typed results, a repair keeps
the reply that it mends, and attachments and settings stay for every call.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from racto.core.content import ToolResultPart
from racto.core.errors import DeadlineExceededError, RactoGatewayError
from racto.core.flows import Flow, arun, gather, run, step
from racto.core.messages import Message
from racto.core.requests import ChatRequest
from racto.core.responses import FinishReason, LLMResponse
from racto.core.retries import Deadline, RetryPolicy, retrying
from racto.core.tools import ToolRegistry
from racto.core.usage import Usage, UsageState
from racto.providers.pricing import PriceTable

from . import structured
from .budgets import Budget
from .observation import Observation
from .readings import decoded
from .wires import Transport, Turn, Wire, WireRequest

TOOLS_AT_ONCE = 8


class Conversation:
    """The state of one request between its calls; not shared between requests.

    Args:
        request: The resolved request.
        messages: What it opens with.
        wire: Shapes requests and replies.
        transport: Carries them.
        retry: How often to call again after a passing error.
        deadline: When all must be done.
        observation: Told of retries.
        budget: Repeated calls and repairs that it may spend; as ``retry`` and the config say
            when None.
        prices: What tokens cost; None leaves every cost unknown.

    Attributes:
        arriving: Tells what has come so far of a reply that is being streamed; None in between.
    """

    def __init__(
        self,
        request: ChatRequest,
        messages: Sequence[Message],
        *,
        wire: Wire,
        transport: Transport,
        retry: RetryPolicy,
        deadline: Deadline,
        observation: Observation,
        budget: Budget | None = None,
        prices: PriceTable | None = None,
    ) -> None:
        self.request = request
        self.config = request.config
        self.wire = wire
        self.transport = transport
        self.budget = budget or Budget.of(retry, request.config)
        self.deadline = deadline
        self.observation = observation
        self.messages = list(messages)
        self.attempts = 0
        self.arriving: Callable[[], LLMResponse] | None = None
        self._retry = retry
        self._prices = prices
        self._rounds_left = self.config.max_tool_turns
        self._tool_choice = self.config.tool_choice
        # Nothing, not unknown: a sum that begins with unknown never becomes measured.
        self._usage = Usage.nothing()
        self._latest: LLMResponse | None = None

    @property
    def retry(self) -> RetryPolicy:
        """How often the next call may be repeated, after all that was spent before."""
        return self.budget.limited(self._retry)

    def retried(self, error: Exception, attempt: int, wait: float) -> None:
        """Note that a call failed and will be made again in ``wait`` seconds."""
        self.budget.retries -= 1
        partial = _partial(error)
        # A stream that broke before its first chunk may have cost its input all the same.
        if partial is not None and partial.usage.state is not UsageState.UNKNOWN:
            self._take(partial)
        self.observation.retried(error, attempt, wait)

    def answer(self) -> Flow[LLMResponse]:
        """Call until the model answers, its tools have run and its reply fits."""
        while True:
            response = yield from self._call()
            if (yield from self.goes_on(response, may_repair=True)):
                continue
            return self.concluded(response)

    def encoded(self, *, stream: bool = False) -> WireRequest:
        """The next call, as the wire shapes it."""
        return self.wire.encode(
            Turn(
                model=self.request.model,
                messages=self.messages,
                config=self.config,
                tool_choice=self._tool_choice,
                stream=stream,
            )
        )

    def goes_on(self, response: LLMResponse, *, may_repair: bool) -> Flow[bool]:
        """Take a reply in, and tell whether the model must be called again.

        Tools run only for a reply that is whole. Of one that was cut, refused or withheld the
        calls are handed to the caller with the finish reason that says so: a call that the model
        did not finish, or that it was kept from making, must have no effects.

        Args:
            response: The reply of the latest call.
            may_repair: Whether a reply that does not fit may be sent back; a stream's may not,
                because its words were already handed out.

        Raises:
            ResponseModelValidationError: If the reply does not fit and cannot be repaired.
            DeadlineExceededError: If the time is up before the tools are done.
        """
        self.arriving = None
        self._take(response)
        if response.tool_calls and self.config.tools is not None:
            may_run = self.config.auto_execute_tools and response.finish_reason.is_complete
            if may_run and self._rounds_left > 0:
                yield from self._run_tools(response, self.config.tools)
                return True
            # The calls are the caller's to run, and a call is no reply to judge.
            return False
        return self._needs_repair(response, may_repair=may_repair)

    def concluded(self, response: LLMResponse) -> LLMResponse:
        """The reply with the usage and the number of requests of the whole conversation."""
        response.usage = self._usage
        response.attempts = self.attempts
        # A prompt may ask for JSON without a model to check it; no JSON is no error then.
        if response.parsed is None and structured.asks_for_json(self.config):
            response.parsed = structured.find_json(response.content or "")
        self.observation.conversed(self.messages, response)
        return response

    def broke(self, error: BaseException) -> None:
        """Keep what came and what it cost, in the error and in the observation.

        Args:
            error: What ends the request; also a cancellation, or a caller who leaves a stream.
        """
        partial = _partial(error)
        if partial is None and self.arriving is not None:
            partial = self.arriving()
        if partial is not None:
            self._take(partial)
        if self._latest is None:
            return
        self.observation.used(self._usage)
        self._latest.usage, self._latest.attempts = self._usage, self.attempts
        if isinstance(error, RactoGatewayError):
            error.partial = self._latest
            error.usage = None if self._usage.state is UsageState.UNKNOWN else self._usage

    def _take(self, response: LLMResponse) -> None:
        self._latest = response
        self._usage = self._usage + self._priced(response)

    def _priced(self, response: LLMResponse) -> Usage:
        # Call by call and never the sum: a long input has another price.
        if self._prices is None:
            return response.usage
        request = self.request
        return self._prices.priced(response.usage, request.provider, response.model, request.model)

    def _call(self) -> Flow[LLMResponse]:
        # Shaped once: every retry sends the very same request.
        request = self.encoded()
        response = yield from retrying(
            lambda: self._attempt(request),
            self.retry,
            deadline=self.deadline,
            on_retry=self.retried,
        )
        return response

    def _attempt(self, request: WireRequest) -> Flow[LLMResponse]:
        self.attempts += 1
        transport = self.transport
        reply = yield from step(transport.send, transport.asend, request, self.deadline)
        return decoded(self.wire, request, reply)

    def _run_tools(self, response: LLMResponse, tools: ToolRegistry) -> Flow[None]:
        self._rounds_left -= 1
        self.budget.tools_ran()
        # A forced tool has had its turn; forcing it again would never end.
        self._tool_choice = "none" if self.config.tool_choice == "none" else "auto"
        results = yield from step(_ran, _aran, self._executions(response, tools), self.deadline)
        self.messages += [response.message, Message.tool(results)]

    def _executions(self, response: LLMResponse, tools: ToolRegistry) -> list[Flow[ToolResultPart]]:
        context = self.config.tool_context
        return [
            step(tools.execute, tools.aexecute, call, context=context)
            for call in response.tool_calls
        ]

    def _needs_repair(self, response: LLMResponse, *, may_repair: bool) -> bool:
        model = self.config.response_model
        if model is None or response.finish_reason is FinishReason.TOOL_CALL:
            return False
        fault = structured.fault_of(response, model)
        if fault is None:
            return False
        if not may_repair or self.budget.repairs == 0 or structured.is_hopeless(response):
            raise structured.failure(response, model, fault, attempts=self.attempts) from fault
        self.budget.repairs -= 1
        # Most providers refuse an empty turn, so nothing said is nothing kept.
        said = response.message
        self.messages += [said] if said.parts else []
        self.messages.append(Message.user(structured.correction(fault)))
        return True


def _ran(tools: Sequence[Flow[ToolResultPart]], deadline: Deadline) -> list[ToolResultPart]:
    """The answers of the tools; none begins after the deadline, and being late is an error.

    A blocking function cannot be stopped from outside, so the error comes when it returns.
    """
    flows = [_timely(flow, deadline) for flow in tools]
    results = run(gather(flows, width=TOOLS_AT_ONCE))
    deadline.check("the tools")
    return results


async def _aran(tools: Sequence[Flow[ToolResultPart]], deadline: Deadline) -> list[ToolResultPart]:
    """Async twin of :func:`_ran`: at the deadline the tools are cancelled.

    A blocking function, which runs in a thread, goes on to its end there, and nobody waits.
    """
    import asyncio

    try:
        async with asyncio.timeout(deadline.timeout()) as limit:
            return await arun(gather(tools, width=TOOLS_AT_ONCE))
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise DeadlineExceededError(
            "the time for the tools was up; allow a longer timeout"
        ) from error


def _timely(flow: Flow[ToolResultPart], deadline: Deadline) -> Flow[ToolResultPart]:
    deadline.check("the tools")
    result = yield from flow
    return result


def _partial(error: BaseException) -> LLMResponse | None:
    partial = error.partial if isinstance(error, RactoGatewayError) else None
    return partial if isinstance(partial, LLMResponse) else None
