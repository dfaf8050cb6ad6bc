"""The power of a kit to tell the size of a request, as its provider itself counts it."""

from __future__ import annotations

from typing import Protocol

from racto.core.chat import ChatConfig
from racto.core.flows import Flow, arun, run, step
from racto.core.retries import Deadline, retrying
from racto.providers.kits.resolution import resolve
from racto.providers.kits.settings import KitSettings
from racto.providers.kits.wires import Transport, Turn, WireReply, WireRequest


class CountingWire(Protocol):
    """A wire whose provider counts a request instead of answering it."""

    @property
    def provider(self) -> str:
        """Name of the provider."""
        ...

    def encode_count(self, turn: Turn) -> WireRequest:
        """The request to count the tokens of a turn."""
        ...

    def decode_count(self, reply: WireReply) -> int:
        """The number of tokens in a reply."""
        ...


class CountingPower:
    """Gives a kit ``count_input_tokens`` and ``acount_input_tokens``.

    A mixin: the kit's constructor sets ``_counter``, and all else is that of every kit.
    """

    _counter: CountingWire
    _transport: Transport
    _model: str
    _settings: KitSettings

    def count_input_tokens(self, config: ChatConfig) -> int:
        """The input tokens of a request, counted by the provider without answering it.

        Args:
            config: What would be asked.

        Raises:
            RactoGatewayError: One of :mod:`racto.core.errors`.
        """
        return run(self._counting(config))

    async def acount_input_tokens(self, config: ChatConfig) -> int:
        """Async twin of :meth:`count_input_tokens`."""
        return await arun(self._counting(config))

    def _counting(self, config: ChatConfig) -> Flow[int]:
        settings, wire, transport = self._settings, self._counter, self._transport
        deadline = Deadline.after(settings.timeout if config.timeout is None else config.timeout)
        request = resolve(config, provider=wire.provider, model=self._model, settings=settings)
        messages = request.config.messages(request.system or None)
        asked = wire.encode_count(
            Turn(
                model=request.model,
                messages=messages,
                config=request.config,
                tool_choice=request.config.tool_choice,
            )
        )

        def attempt() -> Flow[int]:
            reply = yield from step(transport.send, transport.asend, asked, deadline)
            return wire.decode_count(reply)

        return (yield from retrying(attempt, settings.retry, deadline=deadline))
