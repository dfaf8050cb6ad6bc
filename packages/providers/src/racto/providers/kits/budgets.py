"""What one request may still spend: calls beyond the necessary, counted once for all who spend.

Retries of the transport and repairs of the reply draw on the same budget, whichever call of the
request they belong to, and however many kits take part. So two limits add up where they would
otherwise multiply.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from racto.core.chat import ChatConfig
from racto.core.retries import Deadline, RetryPolicy


class Budget:
    """The further calls of one request; it is spent, so every request needs its own.

    Args:
        retries: Calls that may be repeated after a passing error.
        repairs: Replies that may be sent back because they do not fit.
        patience: Longest ``Retry-After`` in seconds that is waited for.

    Attributes:
        retries: The repeated calls that are left.
        repairs: The repairs that are left.
        patience: As given.
        ran_tools: Whether tools have run, whose effects another start would repeat.
    """

    __slots__ = ("_most_retries", "patience", "ran_tools", "repairs", "retries")

    def __init__(self, *, retries: int, repairs: int, patience: float = math.inf) -> None:
        self.retries = retries
        self.repairs = repairs
        self.patience = patience
        self.ran_tools = False
        self._most_retries = retries

    @classmethod
    def of(cls, policy: RetryPolicy, config: ChatConfig) -> Budget:
        """The budget of a request to one kit."""
        return cls(retries=policy.attempts - 1, repairs=config.max_validation_retries)

    def limited(self, policy: RetryPolicy) -> RetryPolicy:
        """A policy that spends no more than what is left."""
        attempts = min(policy.attempts, self.retries + 1)
        patience = min(policy.patience, self.patience)
        if attempts == policy.attempts and patience == policy.patience:
            return policy
        return replace(policy, attempts=attempts, patience=patience)

    def tools_ran(self) -> None:
        """Note that a round of tools brought the request forward.

        The next call is a necessary one: it may be retried as the first one might, or the last
        round of a long piece of work would have nothing left.
        """
        self.ran_tools = True
        self.retries = self._most_retries


@runtime_checkable
class Bounded(Protocol):
    """The power of a kit to answer within somebody else's deadline and budget."""

    def within(self, deadline: Deadline, budget: Budget) -> Any:
        """The same kit over the same connections, for one request of a larger undertaking.

        Args:
            deadline: Ends the request, unless the kit's own timeout ends it before.
            budget: Drawn on instead of a budget of the kit's own.
        """
        ...
