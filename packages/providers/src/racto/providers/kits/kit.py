"""The kit that all providers share: chat and streams in both voices over a wire and a transport."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from types import TracebackType
from typing import TypeVar

from racto.core.chat import ChatConfig
from racto.core.flows import Flow, arun, run
from racto.core.protocols.codecs import RequestCodec
from racto.core.responses import LLMResponse
from racto.core.retries import Deadline
from racto.core.stream import StreamChunk

from . import streaming
from .budgets import Budget
from .conversation import Conversation
from .observation import chat_observation
from .recall import recalled
from .resolution import resolve, routed
from .settings import KitSettings
from .wires import Transport, Wire

K = TypeVar("K", bound="WireKit")


class WireKit:
    """A chat kit made of a wire and a transport; a provider's kit is a subclass that picks them.

    Keeps :class:`~racto.core.protocols.ChatKit`. Safe to share between threads, tasks and event
    loops: it holds no state of a request.

    Args:
        wire: Shapes requests and replies.
        transport: Carries them.
        model: Model for requests that name none; ``auto`` asks the router.
        settings: Everything that does not depend on the provider.
    """

    def __init__(
        self, wire: Wire, transport: Transport, *, model: str, settings: KitSettings
    ) -> None:
        self._wire = wire
        self._transport = transport
        self._model = model
        self._settings = settings
        # Set on the copies that ``within`` makes, and on them alone.
        self._bounds: tuple[Deadline, Budget] | None = None

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._wire.provider

    @property
    def model(self) -> str:
        """Model for requests that name none."""
        return self._model

    @property
    def codec(self) -> RequestCodec:
        """Shapes requests and reads replies as the kit does, for whoever carries them himself."""
        from .codec import KitCodec

        return KitCodec(
            self._wire,
            self._transport,
            model=self._model,
            settings=self._settings,
            # A power that not every kit has.
            embeddings=getattr(self, "_embeddings", None),
        )

    def chat(self, config: ChatConfig) -> LLMResponse:
        """Answer one request: prompt, caches, calls with retries, tools, structured output.

        Args:
            config: What to ask.

        Raises:
            RactoGatewayError: One of :mod:`racto.core.errors`; nothing else. After calls that
                were paid for, ``usage`` tells of them and ``partial`` holds the last reply.
        """
        return run(self._answering(config))

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """Async twin of :meth:`chat`."""
        return await arun(self._answering(config))

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """Answer piece by piece; exactly one final chunk, the last, holds the whole response.

        Caches are not asked. With ``auto_execute_tools`` the tools run between the rounds and
        all rounds are one stream. Leaving the iterator early, or closing it, hangs up.

        Args:
            config: What to ask.

        Raises:
            StreamTruncatedError: If the stream ends without its terminal signal; ``partial``
                holds what had arrived.
            ResponseModelValidationError: If the whole reply does not satisfy
                ``response_model``; a stream is not repaired.
            DeadlineExceededError: If the time is up before the first chunk, or later, when tools
                have run or another round is to begin; ``partial`` then holds the last reply.
            RactoGatewayError: Any other error; ``partial`` holds what had arrived, ``usage`` what
                it cost.
        """
        conversation = self._conversation(config)
        try:
            while True:
                with closing(run(streaming.opening(conversation))) as live:
                    final = StreamChunk()
                    for final in live:
                        if not final.is_final:
                            yield final
                    if run(streaming.goes_on(conversation, final)):
                        continue
                    # Still inside: the connection goes back when the caller has seen the end.
                    yield streaming.concluded(conversation, final)
                    break
        except BaseException as error:
            conversation.broke(error)
            conversation.observation.fail(error)
            raise
        conversation.observation.finish()

    async def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """Async twin of :meth:`stream`."""
        conversation = self._conversation(config)
        try:
            while True:
                async with aclosing(await arun(streaming.opening(conversation))) as live:
                    final = StreamChunk()
                    async for final in live:
                        if not final.is_final:
                            yield final
                    if await arun(streaming.goes_on(conversation, final)):
                        continue
                    yield streaming.concluded(conversation, final)
                    break
        except BaseException as error:
            conversation.broke(error)
            conversation.observation.fail(error)
            raise
        conversation.observation.finish()

    def close(self) -> None:
        """Give all connections back; the next call would open new ones."""
        self._transport.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._transport.aclose()

    def __enter__(self: K) -> K:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self: K) -> K:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def within(self: K, deadline: Deadline, budget: Budget) -> K:
        """The same kit over the same connections, for one request of a larger undertaking.

        Args:
            deadline: Ends the request, unless the kit's own timeout ends it before.
            budget: Drawn on instead of a budget of the kit's own.
        """
        bounded = copy.copy(self)
        bounded._bounds = (deadline, budget)
        return bounded

    def __repr__(self) -> str:
        return f"{type(self).__name__}(model={self._model!r}, provider={self.provider!r})"

    def _answering(self, config: ChatConfig) -> Flow[LLMResponse]:
        conversation = self._conversation(config)
        request, settings = conversation.request, self._settings
        # The span is current from here on, so that caches and tools open theirs below it.
        with conversation.observation as observation:
            try:
                response = yield from recalled(
                    request,
                    settings,
                    observation,
                    deadline=conversation.deadline,
                    answer=conversation.answer,
                )
            except BaseException as error:
                conversation.broke(error)
                raise
            observation.answered(response)
        return response

    def _conversation(self, config: ChatConfig) -> Conversation:
        settings = self._settings
        # Runs from the very start: routing and caches spend the caller's time too.
        deadline, budget = self._limits(config)
        route = routed(config, model=self._model, settings=settings)
        request = resolve(
            config, provider=self.provider, model=self._model, settings=settings, route=route
        )
        # Before the span is opened: files that cannot be read would leave it open for ever.
        messages = request.config.messages(request.system or None)
        return Conversation(
            request,
            messages,
            wire=self._wire,
            transport=self._transport,
            retry=settings.retry,
            deadline=deadline,
            observation=chat_observation(
                request, settings.tracer, settings.metrics, routing=route.decision
            ),
            budget=budget,
            prices=settings.prices,
        )

    def _limits(self, config: ChatConfig) -> tuple[Deadline, Budget | None]:
        if self._bounds is None:
            own = self._settings.timeout if config.timeout is None else config.timeout
            return Deadline.after(own), None
        # The request's own timeout is in the bounds already.
        deadline, budget = self._bounds
        return deadline.child(self._settings.timeout), budget
