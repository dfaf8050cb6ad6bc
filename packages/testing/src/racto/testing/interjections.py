"""Answers that a test slips in where a server would give its own: a poll that fails, a lost reply."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace

from .exchange import Outgoing
from .payloads import encoded
from .replies import Failure, Reply


class Interjections:
    """What an endpoint that does not talk to the model shall answer next, instead of the truth.

    The queue of the server itself is for the model's words: a batch that is made takes nothing
    from it until its requests are answered.
    """

    def __init__(self) -> None:
        self._interjected: deque[Reply | Failure] = deque()

    def add(self, *answers: Reply | Failure) -> None:
        """Queue answers of this endpoint, each for one request.

        A failure is answered and nothing else happens. A reply lets happen what was asked for, and
        gives its body, headers or conduct to the answer: so a reply gets lost.

        Args:
            *answers: Failures, or replies without words.
        """
        self._interjected.extend(answers)

    def _interrupted(
        self, answer: Callable[[], Outgoing], failed: Callable[[Failure], Outgoing]
    ) -> Outgoing:
        """The endpoint's own answer, or what was slipped in.

        Args:
            answer: Does what was asked for.
            failed: Words a failure.
        """
        slipped = self._interjected.popleft() if self._interjected else None
        if isinstance(slipped, Failure):
            return failed(slipped)
        own = answer()
        if slipped is None:
            return own
        return replace(
            own,
            headers={**own.headers, **slipped.headers},
            body=own.body if slipped.body is None else encoded(slipped.body),
            conduct=slipped.conduct,
        )
