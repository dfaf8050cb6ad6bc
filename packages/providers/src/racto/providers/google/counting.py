"""The size of a request in tokens, as Google itself counts it."""

from __future__ import annotations

from racto.core.flows import Flow, step
from racto.core.requests import ChatRequest
from racto.core.retries import Deadline, RetryPolicy, retrying
from racto.providers.kits.wires import Transport, Turn

from .wire import GenerateContentWire


def counted(
    request: ChatRequest,
    wire: GenerateContentWire,
    transport: Transport,
    *,
    retry: RetryPolicy,
    deadline: Deadline,
) -> Flow[int]:
    """Ask for the number of input tokens of a request.

    Args:
        request: The resolved request.
        wire: Shapes it.
        transport: Carries it.
        retry: How often to call again after a passing error.
        deadline: When it must be done.

    Raises:
        RactoGatewayError: What Google answered.
    """
    config = request.config
    messages = config.messages(request.system or None)
    turn = Turn(model=request.model, messages=messages, config=config)
    asked = wire.encode_count(turn)

    def attempt() -> Flow[int]:
        reply = yield from step(transport.send, transport.asend, asked, deadline)
        return wire.decode_count(reply)

    return (yield from retrying(attempt, retry, deadline=deadline))
