"""One request on its way through several kits: whose turn it is, and what became of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from racto.core.chat import ChatConfig
from racto.core.errors import RactoGatewayAPIError, RactoGatewayAuthError, RactoGatewayError
from racto.core.protocols.chat import ChatKit
from racto.core.responses import LLMResponse
from racto.core.retries import Deadline
from racto.core.stream import StreamChunk

from .breakers import CircuitBreaker
from .kits.budgets import Bounded, Budget


class AllKitsFailedError(RactoGatewayAPIError):
    """No kit of a fallback could answer; its cause is the group of their errors.

    Attributes:
        errors: What each kit that was asked raised, in order.
    """

    def __init__(
        self, message: str = "", *, errors: Sequence[RactoGatewayError] = (), **facts: Any
    ) -> None:
        super().__init__(message, **facts)
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A kit that may be asked, the model to ask it for, and its circuit."""

    kit: ChatKit
    model: str | None
    breaker: CircuitBreaker | None

    @property
    def name(self) -> str:
        """Provider and model."""
        return f"{self.kit.provider}/{self.model or self.kit.model}"


class Attempts:
    """The turns of one request; not shared between requests.

    Args:
        candidates: The kits in order.
        config: What to ask.
        deadline: Ends all turns together.
        budget: Shared by all kits.
        on: Errors after which the next kit has its turn.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        config: ChatConfig,
        *,
        deadline: Deadline,
        budget: Budget,
        on: tuple[type[RactoGatewayError], ...],
    ) -> None:
        self._candidates = candidates
        self._config = config
        self._deadline = deadline
        self._budget = budget
        self._on = on
        self._now = candidates[0]
        self._calls = 0
        self._dropped: tuple[str, ...] = ()
        self._errors: list[RactoGatewayError] = []
        self._story: list[str] = []

    def __iter__(self) -> Iterator[tuple[ChatKit, ChatConfig]]:
        """The kits that may be asked, each with what to ask it."""
        for number, candidate in enumerate(self._candidates):
            if self._deadline.expired:
                self._story.append(f"{candidate.name}: not asked, the time was up")
                continue
            if candidate.breaker is not None and not candidate.breaker.admit():
                wait = candidate.breaker.wait
                self._story.append(f"{candidate.name}: not asked, left alone for {wait:.3g} s")
                continue
            self._now = candidate
            yield self._turn(candidate, left=len(self._candidates) - number)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch one turn: tell the circuit how it went, and swallow what the next kit may mend."""
        breaker = self._now.breaker
        retries = self._budget.retries
        try:
            yield
        except self._on as error:
            if breaker is not None:
                breaker.failed(error.retry_after)
            self._errors.append(error)
            self._story.append(f"{self._now.name}: {type(error).__name__}: {error.message}")
            self._calls += 1 + max(0, retries - self._budget.retries)
            if self._budget.ran_tools:
                error.add_note("not handed to another kit: tools have run, and would run again")
                raise
        except (RactoGatewayAPIError, RactoGatewayAuthError) as error:
            # It answered, if only to refuse: the way to it is open.
            if breaker is not None:
                breaker.succeeded()
            if self._story:
                error.add_note("asked before:\n" + "\n".join(self._story))
            raise
        except BaseException:
            if breaker is not None:
                breaker.released()
            raise
        else:
            if breaker is not None:
                breaker.succeeded()

    def broke(self, error: RactoGatewayError) -> None:
        """Note that a stream broke after its first chunk."""
        if self._now.breaker is not None and isinstance(error, self._on):
            self._now.breaker.failed(error.retry_after)

    def settled(self, response: LLMResponse) -> LLMResponse:
        """The reply, with the calls of the kits before and the fields that it went without."""
        response.attempts += self._calls
        response.dropped += tuple(name for name in self._dropped if name not in response.dropped)
        return response

    def counted(self, chunk: StreamChunk) -> StreamChunk:
        """A chunk; the response of a final one is settled."""
        if chunk.response is not None:
            self.settled(chunk.response)
        return chunk

    def exhausted(self) -> AllKitsFailedError:
        """The error for a request that no kit could answer."""
        waits = [error.retry_after for error in self._errors if error.retry_after]
        waits = waits or [each.breaker.wait for each in self._candidates if each.breaker]
        passing = any(error.retryable for error in self._errors) or not self._errors
        told = "\n".join(f"  {line}" for line in self._story)
        failure = AllKitsFailedError(
            f"no kit could answer:\n{told}",
            errors=self._errors,
            retryable=passing,
            retry_after=min(filter(None, waits), default=None) if passing else None,
        )
        if self._errors:
            failure.__cause__ = ExceptionGroup("what the kits raised", self._errors)
        return failure

    def _turn(self, candidate: Candidate, *, left: int) -> tuple[ChatKit, ChatConfig]:
        changes: dict[str, Any] = {}
        first = self._candidates[0]
        at_home = candidate.kit.provider == first.kit.provider
        # The request's own word counts for the first kit; the others were given theirs.
        asked = self._config.model if at_home else None
        wanted = (asked or candidate.model) if candidate is first else (candidate.model or asked)
        if wanted != self._config.model:
            changes["model"] = wanted
        self._dropped = ()
        if self._config.extra and not at_home:
            changes["extra"] = {}
            self._dropped = ("extra",)
        kit = candidate.kit
        share = self._deadline.remaining() / left
        if not math.isinf(share):
            changes["timeout"] = share
        if isinstance(kit, Bounded):
            limit = None if math.isinf(share) else share
            kit = kit.within(self._deadline.child(limit), self._budget)
        return kit, self._config.model_copy(update=changes) if changes else self._config
