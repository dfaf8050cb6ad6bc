"""The time that a person takes to log in, in which the clocks of a call stand still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar

standing_still: ContextVar[Callable[[], AbstractContextManager[None]]] = ContextVar(
    "standing_still", default=nullcontext
)
"""Stops the clocks of whoever makes the current call; whoever counts its time sets this."""


@contextmanager
def while_a_person_acts() -> Iterator[None]:
    """Let the clocks of the current call stand still inside this block."""
    with standing_still.get()():
        yield
