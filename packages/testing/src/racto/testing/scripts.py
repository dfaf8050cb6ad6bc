"""What the model shall say next: a queue of answers, then rules, then a default."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TypeAlias

from .exchange import Incoming
from .replies import Failure, Reply

Rule: TypeAlias = Callable[[Incoming], Reply | Failure | None]
"""Answers a request, or leaves it to the next rule with None; called on the server's thread."""


class ScriptedAnswers:
    """Answers in the order in which they were added; then the first rule's that has one.

    Attributes:
        default: The answer when neither the queue nor a rule has one.
    """

    def __init__(self) -> None:
        self.default: Reply | Failure = Reply(text="ok")
        # Deques and lists are appended to and taken from whole, also from other threads.
        self._queue: deque[Reply | Failure] = deque()
        self._rules: list[Rule] = []

    @property
    def unsaid(self) -> tuple[Reply | Failure, ...]:
        """The answers that wait in the queue."""
        return tuple(self._queue)

    def add(self, *answers: Reply | Failure) -> None:
        """Put answers at the end of the queue."""
        self._queue.extend(_checked(answer) for answer in answers)

    def when(self, rule: Rule) -> None:
        """Ask a rule when the queue is empty and the rules before it have no answer."""
        self._rules.append(rule)

    def clear(self) -> None:
        """Forget the queue and the rules."""
        self._queue.clear()
        self._rules.clear()

    def reply_to(self, request: Incoming) -> Reply | Failure:
        """The next answer.

        Raises:
            TypeError: If a rule gives something else than an answer or None.
        """
        return self._queue.popleft() if self._queue else self._ruled(request)

    def outcome_of(self, request: Incoming) -> Reply | Failure:
        """The next answer to a request that wants no words; replies with words stay queued.

        Raises:
            TypeError: If a rule gives something else than an answer or None.
        """
        ahead = self._queue[0] if self._queue else None
        if isinstance(ahead, Failure) or (ahead is not None and ahead.is_wordless):
            return self._queue.popleft()
        return self._ruled(request)

    def _ruled(self, request: Incoming) -> Reply | Failure:
        for rule in tuple(self._rules):
            answer = rule(request)
            if answer is not None:
                return _checked(answer)
        return self.default


def _checked(answer: object) -> Reply | Failure:
    if isinstance(answer, Reply | Failure):
        return answer
    raise TypeError(f"a server answers with a Reply or a Failure, not with {answer!r:.80}")
