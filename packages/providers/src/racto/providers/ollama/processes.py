"""A server as a child process: started in a group of its own, and never left behind."""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from racto.core.errors import ConfigurationError

_GRACE_SECONDS = 10.0
_LOG_SECONDS = 1.0
_LOG_LINES = 50
_LONGEST_LINE = 2000
# Windows has no such signal, and ends processes by force anyway.
_BY_FORCE = getattr(signal, "SIGKILL", signal.SIGTERM)


class ServerProcess:
    """A running child process; ended at the latest when this program ends.

    Args:
        command: Program and arguments.
        environment: Variables beside those of this program.

    Raises:
        ConfigurationError: If there is no such program, or it may not be run.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        try:
            # A group of its own: servers start further processes, which must end with them.
            self._process = subprocess.Popen(  # noqa: S603 - the caller's own program
                list(command),
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise ConfigurationError(
                f"{command[0]!r} cannot be run ({error.strerror}): install Ollama from "
                "https://ollama.com/download, or name the program with ollama_bin="
            ) from error
        self._parent = os.getpid()
        self._lines: deque[str] = deque(maxlen=_LOG_LINES)
        # A pipe that nobody reads fills up and stops the server.
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        atexit.register(self.end)

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def log(self) -> str:
        """The last lines that it wrote."""
        return "\n".join(self._lines)

    def end(self) -> None:
        """End it and all it started: asked first, and by force when it does not go in time."""
        atexit.unregister(self.end)
        # A forked child of this program inherits the hook, but not the server.
        if os.getpid() != self._parent:
            return
        was_alive = self.is_alive
        if was_alive:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_GRACE_SECONDS)
        # Also those of its group that outlive it; whoever holds its pipe open is one of them.
        if was_alive or self._reader.is_alive():
            self._signal(_BY_FORCE)
        self._process.wait()
        # A process that has left the group may hold the pipe open; nobody waits for it.
        self._reader.join(_LOG_SECONDS)

    def _signal(self, number: signal.Signals) -> None:
        if not hasattr(os, "killpg"):
            self._process.terminate()
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _read(self) -> None:
        pipe = self._process.stdout
        if pipe is None:
            return
        with pipe:
            # In bites: a line need not end.
            while line := pipe.readline(_LONGEST_LINE):
                self._lines.append(line.decode("utf-8", "replace").rstrip())
