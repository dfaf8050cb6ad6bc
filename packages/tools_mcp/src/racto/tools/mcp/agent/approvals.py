"""Who may stop a tool call before it runs: the question, the answer, and asking in both voices."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from racto.core.content import ToolCallResult
from racto.core.errors import ConfigurationError
from racto.core.portals import wait
from racto.core.signatures import is_async
from racto.core.tools import ToolSchema


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalRequest:
    """A tool call that waits for approval; its arguments fit the tool's schema.

    Attributes:
        call: What the model asks for.
        schema: The tool, with its title and with ``annotations`` of what it does to the world,
            which are its author's word and no guarantee.
        turn: The turn that asks for it, from 1.
    """

    call: ToolCallResult
    schema: ToolSchema
    turn: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The answer to an :class:`ApprovalRequest`.

    Attributes:
        allowed: Whether the call may run.
        reason: Why not, in words for the model.
        arguments: Arguments to run it with instead of the model's; they are checked like those,
            and the model is told of them.
    """

    allowed: bool
    reason: str = ""
    arguments: Mapping[str, Any] | None = None


Verdict: TypeAlias = bool | Approval
"""What an approver may answer."""

Approver: TypeAlias = Callable[[ApprovalRequest], Verdict | Awaitable[Verdict]]
"""Decides on a call: a plain or an async function."""


def unless_read_only(ask: Approver) -> Approver:
    """An approver that lets read-only tools run and asks about all others.

    Only for tools whose authors you trust: a remote server says itself what its tools do.

    Args:
        ask: Who is asked.
    """

    def approve(request: ApprovalRequest) -> Verdict | Awaitable[Verdict]:
        said = request.schema.annotations
        return True if said is not None and said.read_only else ask(request)

    return approve


def decided(approve: Approver, request: ApprovalRequest) -> Approval:
    """Ask an approver and wait; an async one runs on racto's private event loop.

    Args:
        approve: Whom to ask.
        request: What.

    Raises:
        ConfigurationError: If the answer is neither a bool nor an :class:`Approval`.
    """
    answer = approve(request)
    if inspect.isawaitable(answer):
        awaited = answer
        answer = wait(lambda: awaited)
    return _approval(answer)


async def adecided(approve: Approver, request: ApprovalRequest) -> Approval:
    """Async twin of :func:`decided`: a blocking approver runs in a thread."""
    import asyncio

    answer: Any = (
        approve(request) if is_async(approve) else await asyncio.to_thread(approve, request)
    )
    return _approval(await answer if inspect.isawaitable(answer) else answer)


def _approval(answer: Any) -> Approval:
    if isinstance(answer, bool):
        return Approval(allowed=answer)
    if isinstance(answer, Approval):
        return answer
    # None is what a function returns that forgot to decide, and must not pass for a decision.
    raise ConfigurationError(
        f"approve= returned {answer!r:.80}; it must return True, False or an Approval"
    )
