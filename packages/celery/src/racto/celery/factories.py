"""Kits and pipelines that are made in the process that uses them, after the fork, and closed there."""

from __future__ import annotations

import logging
import os
import threading
import weakref
from importlib import import_module
from typing import Any

from racto.core.errors import ConfigurationError
from racto.core.secrets import redact

_log = logging.getLogger("racto.celery")


class ProcessLocal:
    """One object for each process: handed in, or made at its first use there.

    A child of a fork makes its own: connections, locks and threads of the parent do not survive.

    Args:
        source: The object itself, a function (or class) that makes it, or the import path of
            either as ``package.module:name``.
        method: Method that the object must have, by which an object is told from a function.
        role: What it is called in errors, for example ``kit``.
    """

    def __init__(self, source: Any, *, method: str, role: str) -> None:
        self.source, self.method, self.role = source, method, role
        self._made: Any = None
        self._pid = 0
        self._lock = threading.Lock()
        _SOURCES.add(self)
        _check(self)

    @property
    def label(self) -> str:
        """What it is called in errors and payloads; never makes the object."""
        source = self.source
        if isinstance(source, str):
            return source
        if self._is_ready(source):
            return "/".join(
                str(getattr(source, name, "")) or type(source).__name__
                for name in ("provider", "model")
            )
        return f"{source.__module__}:{getattr(source, '__qualname__', type(source).__name__)}"

    def get(self) -> Any:
        """The object of this process.

        Raises:
            ConfigurationError: If it cannot be imported or made, or lacks the method.
        """
        # Read first: close() takes the process's id away before it takes the object.
        made = self._made
        if self._pid == os.getpid():
            return made
        with self._lock:
            if self._pid != os.getpid():
                self._made = self._make()
                self._pid = os.getpid()
            return self._made

    def close(self) -> None:
        """Close the object if it was made here; the next use makes another. Twice is fine."""
        with self._lock:
            made, own = self._made, self._pid == os.getpid()
            self._pid = 0
            self._made = None
        if own and made is not self.source and callable(getattr(made, "close", None)):
            made.close()

    def _is_ready(self, thing: Any) -> bool:
        return not isinstance(thing, type) and callable(getattr(thing, self.method, None))

    def _make(self) -> Any:
        found = imported(self.source, self.role) if isinstance(self.source, str) else self.source
        if not self._is_ready(found) and callable(found):
            try:
                found = found()
            except ConfigurationError:
                raise
            # A factory is the user's, and can fail in any way.
            except Exception as error:
                raise ConfigurationError(
                    f"making the {self.role} with {self.label} failed: "
                    f"{type(error).__name__}: {error}"
                ) from error
        if not self._is_ready(found):
            raise ConfigurationError(
                f"the {self.role} from {self.label} is a {type(found).__name__} without a method "
                f"{self.method}()"
            )
        return found


_SOURCES: weakref.WeakSet[ProcessLocal] = weakref.WeakSet()


def _renew_locks() -> None:
    # A lock that another thread held while this process was forked stays held in the child.
    for source in tuple(_SOURCES):
        source._lock = threading.Lock()


# Where there is no fork, there is nothing to renew.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


def close_all() -> None:
    """Close whatever was made in this process; one that cannot be closed keeps no other open."""
    for source in tuple(_SOURCES):
        try:
            source.close()
        # The object is the user's, and can fail in any way.
        except Exception as error:
            _log.warning("closing the %s failed: %s", source.role, redact(repr(error)))


def _check(source: ProcessLocal) -> None:
    given = source.source
    if isinstance(given, str):
        module, colon, name = given.partition(":")
        if not (module and colon and name):
            raise ConfigurationError(
                f"{source.role}={given!r} is no import path; write 'package.module:name'"
            )
    elif not source._is_ready(given) and not callable(given):
        raise ConfigurationError(
            f"{source.role} must have a method {source.method}(), make such an object, or be the "
            f"import path of one; got {type(given).__name__}"
        )


def imported(path: str, role: str) -> Any:
    """What is at an import path ``package.module:name`` that the app's own code names.

    Raises:
        ConfigurationError: If it cannot be imported.
    """
    module, _, name = path.partition(":")
    try:
        found: Any = import_module(module)
        for part in name.split("."):
            found = getattr(found, part)
    # A module can fail in any way when it is run.
    except Exception as error:
        raise ConfigurationError(
            f"{role}={path!r} cannot be imported: {type(error).__name__}: {error}"
        ) from error
    return found
