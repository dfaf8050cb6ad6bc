"""Clients in a forked process: their threads stayed behind, so they are left alone, and say so."""

from __future__ import annotations

import os
import weakref
from typing import Any, Protocol


class Forked(Protocol):
    """Whatever owns a client of librdkafka."""

    @property
    def raw(self) -> Any:
        """The client of confluent-kafka."""
        ...

    def _left_behind(self, because: str) -> None:
        """Be closed from now on, without touching the client, and tell why."""


def watched(owner: Forked) -> None:
    """Have an owner told, in the child, when the process is forked."""
    _OWNERS.add(owner)


_OWNERS: weakref.WeakSet[Forked] = weakref.WeakSet()
_PID = os.getpid()


def _in_child() -> None:
    global _PID
    made, _PID = _PID, os.getpid()
    for owner in tuple(_OWNERS):
        _immortal(owner.raw)
        owner._left_behind(
            f"it was made in process {made}, and this is {_PID}: make one in each process, after "
            "the fork"
        )
    _OWNERS.clear()


def _immortal(client: Any) -> None:
    # librdkafka waits for its threads when a client is destroyed, and without them it crashes the
    # child, at the latest when the child ends.
    import ctypes

    ctypes.pythonapi.Py_IncRef(ctypes.py_object(client))


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_in_child)
