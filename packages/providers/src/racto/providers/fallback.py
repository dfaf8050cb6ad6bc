"""Several kits in order: the next one answers where one cannot, under one deadline and one budget."""

from __future__ import annotations

import copy
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing, closing
from dataclasses import dataclass
from typing import Any, TypeAlias

from racto.core.chat import ChatConfig
from racto.core.errors import (
    APIConnectionError,
    ConfigurationError,
    InvalidResponseError,
    OverloadedError,
    QuotaExhaustedError,
    RactoGatewayError,
    RactoGatewayTimeoutError,
    RateLimitError,
    ServerError,
    StreamTruncatedError,
)
from racto.core.flows import Flow, arun, run, step
from racto.core.protocols.chat import ChatKit
from racto.core.responses import LLMResponse
from racto.core.retries import Deadline
from racto.core.stream import StreamChunk

from .attempts import AllKitsFailedError, Attempts, Candidate
from .breakers import BreakerPolicy, BreakerState, CircuitBreaker
from .kit_groups import KitGroup
from .kits.budgets import Budget

Entry: TypeAlias = ChatKit | tuple[ChatKit, str]
"""A kit, or a kit and the model to ask it for."""

FALLS_BACK: tuple[type[RactoGatewayError], ...] = (
    RateLimitError,
    QuotaExhaustedError,
    OverloadedError,
    ServerError,
    APIConnectionError,
    RactoGatewayTimeoutError,
    InvalidResponseError,
    StreamTruncatedError,
    AllKitsFailedError,
)
"""The errors that say "not here, not now": what another provider may well do.

A refused key, a refused request, a content filter or a missing model are not among them. They
ask for a person, and a fallback would hide them behind another provider's bill.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class KitState:
    """How one kit of a fallback stands.

    Attributes:
        name: Its provider and model.
        state: Its circuit; always ``closed`` without a breaker.
        failures: Failures in a row.
        wait: Seconds until it may be tried again.
    """

    name: str
    state: BreakerState = "closed"
    failures: int = 0
    wait: float = 0.0


class FallbackKit(KitGroup):
    """Asks kits in order until one answers.

    Keeps :class:`~racto.core.protocols.ChatKit` and takes anything that does. A reply names who
    gave it in ``provider`` and ``model``, and ``attempts`` counts the calls of all kits. There is
    no ``embed``: vectors of two models cannot be compared.

    What belongs to one provider stays with it: ``config.model`` and ``config.extra`` go to the
    first kit and to others of its provider only; ``extra`` then stands in the reply's
    ``dropped``. Nothing is handed on after the first chunk of a stream was handed out, nor after
    tools have run, whose effects another kit would repeat; of a kit without
    ``within`` (racto's own have it) the latter is not known.

    A kit that cannot take the request at all (``UnsupportedFeatureError``,
    ``ContextLengthError``) ends it when it is the first to be asked: the request wants mending.
    As a stand-in it only hands it on, because the kit before, or the next, may well take it.
    Every error that leaves tells in a note what the kits asked before it said.

    A breaker sees whole answers: a stream is a success at its end, a failure when it breaks off,
    and neither when the caller leaves it.

    Args:
        kits: Kits in the order in which to ask them, each alone or with the model to ask for.
        on: Errors after which the next kit is asked.
        breaker: When to leave a failing kit alone; None to ask each every time.
        timeout: Seconds for all kits together; each gets an equal share of what is left, so that
            one that hangs leaves time for the next. None leaves each kit its own timeout.
        retries: Calls that racto's kits may repeat, over all of them together.
        patience: Longest ``Retry-After`` in seconds that a kit waits for while there are others.
        clock: A clock in seconds that never goes back, for the breakers.

    Raises:
        ConfigurationError: If there are no kits, or ``retries`` is negative.
    """

    def __init__(
        self,
        kits: Sequence[Entry],
        *,
        on: tuple[type[RactoGatewayError], ...] = FALLS_BACK,
        breaker: BreakerPolicy | None = BreakerPolicy(),  # noqa: B008 - frozen
        timeout: float | None = None,
        retries: int = 2,
        patience: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        pairs = [entry if isinstance(entry, tuple) else (entry, None) for entry in kits]
        if not pairs:
            raise ConfigurationError("kits is empty; a FallbackKit needs at least one kit")
        if retries < 0:
            raise ConfigurationError(f"retries must be zero or more, not {retries}")
        super().__init__([kit for kit, _ in pairs])
        self._candidates = tuple(
            Candidate(
                kit=kit,
                model=model,
                breaker=CircuitBreaker(breaker, clock=clock) if breaker else None,
            )
            for kit, model in pairs
        )
        self._on = on
        self._timeout = timeout
        self._retries = retries
        self._patience = patience
        self._bounds: tuple[Deadline, Budget] | None = None

    @property
    def model(self) -> str:
        """Model of the first kit."""
        return self._candidates[0].model or self._candidates[0].kit.model

    @property
    def states(self) -> tuple[KitState, ...]:
        """How each kit stands, in order."""
        return tuple(_standing(each) for each in self._candidates)

    def chat(self, config: ChatConfig) -> LLMResponse:
        """Answer one request with the first kit that can.

        Args:
            config: What to ask.

        Raises:
            AllKitsFailedError: If none can; it lists what each one said.
            RactoGatewayError: What a kit raised that is not among ``on``.
        """
        return run(self._answering(config))

    async def achat(self, config: ChatConfig) -> LLMResponse:
        """Async twin of :meth:`chat`."""
        return await arun(self._answering(config))

    def stream(self, config: ChatConfig) -> Iterator[StreamChunk]:
        """Answer piece by piece; another kit is asked until the first chunk, and never after it.

        Args:
            config: What to ask.

        Raises:
            AllKitsFailedError: If no kit brings a first chunk.
            RactoGatewayError: What the chosen kit raised later; ``partial`` holds what had come.
        """
        attempts = self._attempts(config)
        chunks, first = run(self._opening(attempts))
        with attempts.watched(may_go_on=False), closing(chunks):
            yield attempts.counted(first)
            for chunk in chunks:
                yield attempts.counted(chunk)

    async def astream(self, config: ChatConfig) -> AsyncIterator[StreamChunk]:
        """Async twin of :meth:`stream`."""
        attempts = self._attempts(config)
        chunks, first = await arun(self._opening(attempts))
        with attempts.watched(may_go_on=False):
            async with aclosing(chunks):
                yield attempts.counted(first)
                async for chunk in chunks:
                    yield attempts.counted(chunk)

    def within(self, deadline: Deadline, budget: Budget) -> FallbackKit:
        """The same kit for one request of a larger undertaking.

        Args:
            deadline: Ends the request, unless the kit's own timeout ends it before.
            budget: Drawn on instead of a budget of the kit's own.
        """
        bounded = copy.copy(self)
        bounded._bounds = (deadline, budget)
        return bounded

    def __repr__(self) -> str:
        return f"FallbackKit({', '.join(each.name for each in self._candidates)})"

    def _attempts(self, config: ChatConfig) -> Attempts:
        if self._bounds is None:
            timeout = self._timeout if config.timeout is None else config.timeout
            deadline = Deadline.after(timeout)
            budget = Budget(
                retries=self._retries,
                repairs=config.max_validation_retries,
                patience=self._patience,
            )
        else:
            deadline, budget = self._bounds
            deadline = deadline.child(self._timeout)
        return Attempts(self._candidates, config, deadline=deadline, budget=budget, on=self._on)

    def _answering(self, config: ChatConfig) -> Flow[LLMResponse]:
        attempts = self._attempts(config)
        for kit, asked in attempts:
            with attempts.watched():
                response = yield from step(kit.chat, kit.achat, asked)
                return attempts.settled(response)
        raise attempts.exhausted()

    def _opening(self, attempts: Attempts) -> Flow[tuple[Any, StreamChunk]]:
        for kit, asked in attempts:
            with attempts.watched():
                opened = yield from step(_open, _aopen, kit, asked)
                return opened
        raise attempts.exhausted()


def _standing(candidate: Candidate) -> KitState:
    if candidate.breaker is None:
        return KitState(name=candidate.name)
    state, failures, wait = candidate.breaker.standing()
    return KitState(name=candidate.name, state=state, failures=failures, wait=wait)


def _open(kit: ChatKit, config: ChatConfig) -> tuple[Any, StreamChunk]:
    chunks: Any = kit.stream(config)
    try:
        return chunks, next(chunks)
    except StopIteration as end:
        raise _no_chunk(kit) from end
    except BaseException:
        chunks.close()
        raise


async def _aopen(kit: ChatKit, config: ChatConfig) -> tuple[Any, StreamChunk]:
    chunks: Any = kit.astream(config)
    try:
        return chunks, await anext(chunks)
    except StopAsyncIteration as end:
        raise _no_chunk(kit) from end
    except BaseException:
        await chunks.aclose()
        raise


def _no_chunk(kit: ChatKit) -> InvalidResponseError:
    return InvalidResponseError(f"{kit.provider}: the stream had no chunk", provider=kit.provider)
