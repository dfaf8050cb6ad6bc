"""One process of the sandbox as its parent sees it: started, watched, spoken with, killed."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from racto.pipelines.errors import SandboxError, SandboxLimitError, SandboxUnavailableError

from .installations import Installation
from .replies import Reply, take_reply
from .settings import SandboxSettings

_HOME = str(Path(__file__).parent)
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); from jail.boot import main; "
    "del sys.path[0]; main(sys.argv[2])"
)
# Threads that help a small frame, and allocators that set little aside for each of them.
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "MALLOC_ARENA_MAX": "2",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "POLARS_MAX_THREADS": str(max(1, min(4, os.cpu_count() or 1))),
}
_PIECE = 1 << 20
_LAST_WORDS = 4096
_GREETING = 1 << 16
_WATCH_S = 0.02


class ProcessEndedError(SandboxError):
    """The process is gone; ``status`` and ``words`` say how.

    Args:
        status: Its exit status as :mod:`subprocess` gives it: negative for a signal.
        words: The end of what it wrote to standard error.
    """

    def __init__(self, status: int, words: bytes) -> None:
        super().__init__(f"the analysis process ended with status {status}")
        self.status, self.words = status, words


class AnalysisProcess:
    """A process that waits for one job.

    Only the thread that took it talks to it; :meth:`kill` may come from any thread.

    Args:
        place: Where its interpreter and libraries are.
        settings: Limits and lock.
    """

    def __init__(self, place: Installation, settings: SandboxSettings) -> None:
        plan = {
            "engine": settings.engine,
            "locked": settings.locked,
            "sites": place.sites,
            "readable": place.readable,
            "listable": place.listable,
            "timeout_s": settings.timeout_s,
            "memory_bytes": settings.memory_bytes,
            "max_output_bytes": settings.max_output_bytes,
        }
        # Isolated from the user's environment, and without site: its hooks may start threads.
        command = [place.python, "-I", "-S", "-X", "utf8", "-c", _START, _HOME, json.dumps(plan)]
        self._settings = settings
        self._child = _started(command)
        self._in, self._out, self._err = (pipe.fileno() for pipe in self._pipes())
        for pipe in self._pipes():
            os.set_blocking(pipe.fileno(), False)
        self._received, self._words = bytearray(), bytearray()
        self._outgoing: list[memoryview] = []
        self._reaping = threading.Lock()
        self._listening = True
        self._limit_resident = 0
        self._resident: int | None = None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._child.pid

    def alive(self) -> bool:
        """Whether it still runs."""
        with self._reaping:
            return self._child.poll() is None

    def await_ready(self, seconds: float) -> int:
        """Wait until it is locked and has loaded its libraries.

        Args:
            seconds: How long.

        Returns:
            Bytes of memory that it holds by then.

        Raises:
            SandboxUnavailableError: If it could not.
            SandboxLimitError: If it takes longer.
            ProcessEndedError: If it ended.
        """
        if self._resident is None:
            told = self.reply(seconds, _GREETING)
            if told.text("kind") != "ready":
                raise unavailable(told)
            self._resident = told.count("resident")
        return self._resident

    def watch_memory(self, most: int) -> None:
        """Kill it from now on when it holds more bytes of memory than this."""
        self._limit_resident = most

    def send(self, pieces: Sequence[bytes]) -> None:
        """Queue bytes for it; they are written while an answer is waited for."""
        self._outgoing += [memoryview(piece) for piece in pieces if piece]

    def reply(self, seconds: float, most: int) -> Reply:
        """Wait for its next message.

        Args:
            seconds: How long.
            most: Bytes that the message may have.

        Raises:
            SandboxLimitError: If it takes longer, or exceeds a limit.
            SandboxViolationError: If it writes what is no message.
            ProcessEndedError: If it ended without one.
        """
        due = time.monotonic() + seconds
        while (found := take_reply(self._received, most)) is None:
            left = due - time.monotonic()
            if left <= 0:
                raise SandboxLimitError(
                    f"the analysis ran longer than {seconds:g} seconds and was stopped"
                )
            self._turn(left)
        return found

    def _turn(self, left: float) -> None:
        """Wait for one of the pipes, and move what there is to move."""
        poll = select.poll()
        poll.register(self._out, select.POLLIN)
        if self._listening:
            poll.register(self._err, select.POLLIN)
        if self._outgoing:
            poll.register(self._in, select.POLLOUT)
        pause = min(left, _WATCH_S) if self._limit_resident else left
        ready = dict(poll.poll(max(1.0, pause * 1000)))
        self._check_memory()
        if self._err in ready:
            self._listen()
        if self._in in ready:
            self._write()
        if self._out in ready:
            piece = self._read(self._out)
            if piece == b"":
                raise self._ended()
            self._received += piece or b""

    def _listen(self) -> None:
        piece = self._read(self._err)
        # A pipe at its end is always ready: it would be polled without a pause.
        self._listening = piece != b""
        self._words += piece or b""
        # The end says why; the rest may be without end.
        del self._words[:-_LAST_WORDS]

    def _write(self) -> None:
        try:
            sent = os.write(self._in, self._outgoing[0][:_PIECE])
        except BlockingIOError:
            return
        except BrokenPipeError:
            # It is ending; why comes out of the other pipes.
            self._outgoing.clear()
            return
        rest = self._outgoing.pop(0)[sent:]
        if rest:
            self._outgoing.insert(0, rest)

    def _check_memory(self) -> None:
        if not self._limit_resident:
            return
        try:
            told = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()
            held = int(told[1]) * os.sysconf("SC_PAGE_SIZE")
        except (OSError, IndexError, ValueError):
            # No /proc here, or it has ended: the kernel's own limit still holds.
            return
        if held > self._limit_resident:
            raise memory_exceeded(self._settings.memory_bytes)

    @staticmethod
    def _read(pipe: int) -> bytes | None:
        """What there is; empty at the end, None when another poll must come first."""
        try:
            return os.read(pipe, _PIECE)
        except BlockingIOError:
            return None

    def _ended(self) -> ProcessEndedError:
        status = 0
        try:
            status = self._child.wait(0.2)
        except subprocess.TimeoutExpired:
            # It has closed its pipe and gone on: nothing it does now is wanted.
            self.kill()
        self._listen()
        return ProcessEndedError(status, bytes(self._words))

    def kill(self) -> None:
        """End it and all that belongs to it at once; from any thread, and more than once."""
        with self._reaping:
            # A process that was waited for has given its number back, perhaps to another.
            if self._child.returncode is None and self._child.poll() is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._child.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill it, wait until it is gone, and close its pipes."""
        self.kill()
        self._child.wait()
        self._close()

    def forget(self) -> None:
        """Leave it to the process that this one was forked from."""
        self._child.returncode = 0
        self._close()

    def _close(self) -> None:
        for pipe in self._pipes():
            pipe.close()

    def _pipes(self) -> list[IO[bytes]]:
        found = (self._child.stdin, self._child.stdout, self._child.stderr)
        return [pipe for pipe in found if pipe is not None]


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - this interpreter, and nothing of the user's
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
            bufsize=0,
        )
    except OSError as error:
        # Without the error's own text, which names the interpreter's place.
        raise SandboxUnavailableError(f"no process could be started: {error.strerror}") from error


def memory_exceeded(most: int) -> SandboxLimitError:
    """The error for code that wanted more memory than it may have."""
    return SandboxLimitError(
        f"the analysis needed more than {most:,} bytes of memory and was stopped: aggregate "
        "earlier, select fewer columns, or raise memory_bytes"
    )


def unavailable(reply: Reply) -> SandboxUnavailableError:
    """The error for a process that could not lock itself, or load its libraries."""
    return SandboxUnavailableError(
        f"the process could not be locked down here: {reply.text('text')[:300]}. It needs Linux "
        "5.13 or later with Landlock and seccomp, on x86-64 or arm64; sandbox='unsafe' runs the "
        "code with a checker and limits, and no wall"
    )
