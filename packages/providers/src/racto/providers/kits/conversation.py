"""One request on its way to an answer: calls, rounds of tools and repairs under one deadline.

The conversation only grows: tool calls go back with their ids and typed results, a repair keeps
the reply that it mends, and attachments and settings stay for every call.
"""

from __future__ import annotations

from typing import Any

from racto.core.content import ToolCallResult, ToolResultPart
from racto.core.errors import RactoGatewayAPIError, UnsupportedFeatureError
from racto.core.flows import Flow, gather, step
from racto.core.messages import Message
from racto.core.requests import ChatRequest
from racto.core.responses import FinishReason, LLMResponse
from racto.core.retries import Deadline, RetryPolicy, retrying
from racto.core.tools import ToolRegistry
from racto.core.usage import Usage
from racto.providers.pricing import PriceTable

from . import structured
from .budgets import Budget
from .observation import Observation
from .wires import Transport, Turn, Wire, WireRequest

TOOLS_AT_ONCE = 8


class Conversation:
    """The state of one request between its calls; not shared between requests.

    Args:
        request: The resolved request.
        wire: Shapes requests and replies.
        transport: Carries them.
        retry: How often to call again after a passing error.
        deadline: When all must be done.
        observation: Told of retries.
        budget: Repeated calls and repairs that it may spend; as ``retry`` and the config say
            when None.
        prices: What tokens cost; None leaves every cost unknown.
    """

    def __init__(
        self,
        request: ChatRequest,
        wire: Wire,
        *,
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
        self.messages = _opening(request)
        self.attempts = 0
        self._retry = retry
        self._prices = prices
        self._rounds_left = self.config.max_tool_turns
        self._tool_choice = self.config.tool_choice
        # Nothing, not unknown: a sum that begins with unknown never becomes measured.
        self._usage = Usage.nothing()

    @property
    def retry(self) -> RetryPolicy:
        """How often the next call may be repeated, after all that was spent before."""
        return self.budget.limited(self._retry)

    def retried(self, error: Exception, attempt: int, wait: float) -> None:
        """Note that a call failed and will be made again in ``wait`` seconds."""
        self.budget.retries -= 1
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

        Args:
            response: The reply of the latest call.
            may_repair: Whether a reply that does not fit may be sent back; a stream's may not,
                because its words were already handed out.

        Raises:
            ResponseModelValidationError: If the reply does not fit and cannot be repaired.
        """
        self._usage = self._usage + self._priced(response)
        if response.tool_calls and self.config.tools is not None:
            if self.config.auto_execute_tools and self._rounds_left > 0:
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

    def failed(self, error: BaseException) -> None:
        """End the observation of a stream that broke, with what it had cost by then."""
        partial = error.partial if isinstance(error, RactoGatewayAPIError) else None
        if isinstance(partial, LLMResponse):
            partial.usage = self._usage + self._priced(partial)
            partial.attempts = self.attempts
            self.observation.used(partial.usage)
        self.observation.fail(error)

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
        return self.wire.decode(request, reply)

    def _run_tools(self, response: LLMResponse, tools: ToolRegistry) -> Flow[None]:
        self._rounds_left -= 1
        self.budget.tools_ran()
        # A forced tool has had its turn; forcing it again would never end.
        self._tool_choice = "none" if self.config.tool_choice == "none" else "auto"
        flows = [_executed(tools, call, self.config.tool_context) for call in response.tool_calls]
        results = yield from gather(flows, width=TOOLS_AT_ONCE)
        self.messages += [response.message, Message.tool(results)]

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


def _executed(
    tools: ToolRegistry, call: ToolCallResult, context: tuple[Any, ...]
) -> Flow[ToolResultPart]:
    result = yield from step(tools.execute, tools.aexecute, call, context=context)
    return result


def _opening(request: ChatRequest) -> list[Message]:
    try:
        return request.config.messages(request.system or None)
    except UnicodeDecodeError as error:
        raise UnsupportedFeatureError(
            f"a text attachment is not UTF-8 ({error}); convert it first, or give it its true "
            "MIME type",
            feature="attachments",
        ) from error
