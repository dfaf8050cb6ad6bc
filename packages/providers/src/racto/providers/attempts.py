"""One request on its way through several kits: whose turn it is, and what became of each."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeGuard

from racto.core.chat import ChatConfig
from racto.core.errors import (
    ContextLengthError,
    RactoGatewayAPIError,
    RactoGatewayAuthError,
    RactoGatewayError,
    UnsupportedFeatureError,
)
from racto.core.protocols.chat import ChatKit
from racto.core.responses import LLMResponse
from racto.core.retries import Deadline
from racto.core.stream import StreamChunk

from .breakers import CircuitBreaker, Permit
from .kits.budgets import Bounded, Budget

# What a stand-in may say of a request that was made for another kit.
_CANNOT_TAKE = (UnsupportedFeatureError, ContextLengthError)


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

    @property
    def usable(self) -> bool:
        """Whether it may be asked now."""
        return self.breaker is None or self.breaker.ready


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
        self._name = ""
        self._permit: Permit | None = None
        self._calls = 0
        self._dropped: tuple[str, ...] = ()
        self._errors: list[RactoGatewayError] = []
        self._story: list[str] = []
        self._left_alone = False

    def __iter__(self) -> Iterator[tuple[ChatKit, ChatConfig]]:
        """The kits that may be asked, each with what to ask it."""
        for number, candidate in enumerate(self._candidates):
            if self._deadline.expired:
                self._story.append(f"{candidate.name}: not asked, the time was up")
            elif self._admitted(candidate):
                self._name = candidate.name
                # A kit that will not be asked needs no share of the time.
                after = sum(later.usable for later in self._candidates[number + 1 :])
                yield self._turn(candidate, left=1 + after)

    @contextmanager
    def watched(self, *, may_go_on: bool = True) -> Iterator[None]:
        """Watch one turn: report how it went, and swallow what the next kit may mend.

        Args:
            may_go_on: Whether the next kit may have its turn; not once chunks were handed out.
        """
        retries = self._budget.retries
        try:
            yield
        except BaseException as error:
            self._report(error)
            if not (may_go_on and self._goes_on(error)):
                if self._story and isinstance(error, Exception):
                    error.add_note("asked before:\n" + "\n".join(self._story))
                raise
            self._errors.append(error)
            self._story.append(f"{self._name}: {type(error).__name__}: {error.message}")
            # What a kit cannot take it refuses without a call.
            called = not isinstance(error, UnsupportedFeatureError)
            self._calls += called + max(0, retries - self._budget.retries)

    def settled(self, response: LLMResponse) -> LLMResponse:
        """The whole reply, with the calls of the kits before and what it went without."""
        if self._permit is not None:
            self._permit.succeeded()
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
        passing = any(error.retryable for error in self._errors)
        passing = passing or self._left_alone or not self._errors
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

    def _admitted(self, candidate: Candidate) -> bool:
        self._permit = None
        if candidate.breaker is None:
            return True
        self._permit = candidate.breaker.admit()
        if self._permit is None:
            self._left_alone = True
            wait = candidate.breaker.wait
            why = f"left alone for {wait:.3g} s" if wait else "another request is trying it"
            self._story.append(f"{candidate.name}: not asked, {why}")
        return self._permit is not None

    def _report(self, error: BaseException) -> None:
        if self._permit is None:
            return
        if isinstance(error, self._on):
            self._permit.failed(error.retry_after)
        elif isinstance(error, (RactoGatewayAPIError, RactoGatewayAuthError)):
            # It answered, if only to refuse: the way to it is open.
            self._permit.succeeded()
        else:
            self._permit.released()

    def _goes_on(self, error: BaseException) -> TypeGuard[RactoGatewayError]:
        # Of the first kit it is a mistake in the request, which its author has to mend.
        unfit = bool(self._story) and isinstance(error, _CANNOT_TAKE)
        if not (unfit or isinstance(error, self._on)):
            return False
        if self._budget.ran_tools:
            error.add_note("not handed to another kit: tools have run, and would run again")
            return False
        return True

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
