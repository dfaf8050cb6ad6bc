"""The size of a request in tokens, as Anthropic itself counts it."""

from __future__ import annotations

from racto.core.chat import ChatConfig
from racto.core.flows import Flow, step
from racto.core.requests import ChatRequest
from racto.core.retries import Deadline, RetryPolicy, retrying
from racto.providers.connections.connection import Connection
from racto.providers.kits.wires import Turn, WireRequest

from .wire import MessagesWire

# The other fields say how to answer, which costs no input.
_COUNTED = (
    "model", "messages", "system", "tools", "tool_choice", "thinking", "output_config",
    "cache_control",
)  # fmt: skip


def counted(
    request: ChatRequest,
    wire: MessagesWire,
    connection: Connection,
    *,
    retry: RetryPolicy,
    deadline: Deadline,
) -> Flow[int]:
    """Ask for the number of input tokens of a request.

    Args:
        request: The resolved request.
        wire: Shapes it.
        connection: Reaches the server.
        retry: How often to call again after a passing error.
        deadline: When it must be done.

    Raises:
        RactoGatewayError: What the provider answered.
    """
    asked = _asked(wire.encode(_turn(request)))
    transport = connection.transport

    def attempt() -> Flow[int]:
        reply = yield from step(transport.send, transport.asend, asked, deadline)
        count = wire.loaded(reply).get("input_tokens")
        if not isinstance(count, int):
            raise wire.invalid("the reply holds no count of tokens", reply)
        return count

    return (yield from retrying(attempt, retry, deadline=deadline))


def _turn(request: ChatRequest) -> Turn:
    config: ChatConfig = request.config
    messages = config.messages(request.system or None)
    return Turn(
        model=request.model, messages=messages, config=config, tool_choice=config.tool_choice
    )


def _asked(request: WireRequest) -> WireRequest:
    body = {name: request.body[name] for name in _COUNTED if name in request.body}
    return WireRequest(
        path="/v1/messages/count_tokens", body=body, model=request.model, headers=request.headers
    )
