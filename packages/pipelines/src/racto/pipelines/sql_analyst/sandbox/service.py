"""The sandbox: a model's analysis code, run on a frame by a process that can do nothing else."""

from __future__ import annotations

import asyncio
import threading
import time
import warnings
import weakref
from types import TracebackType
from typing import Any, Self

from racto.core.errors import ConfigurationError
from racto.core.flows import Flow, arun, run, step

from . import endings, frames
from .checker import check_code
from .installations import installation
from .jail.channel import packed
from .pools import ProcessPool
from .processes import AnalysisProcess, ProcessEndedError
from .replies import Reply, value_of
from .results import SandboxResult
from .settings import Engine, Lock, SandboxSettings, is_locked, require_platform

_START_S = 60.0
_SMALL = 1 << 16
# Half of what a result may have is enough for what was printed.
_PRINTED = 2


class AnalysisSandbox:
    """Runs analysis code on a frame, in a process of its own that the kernel has locked.

    The code finds the frame as ``df`` and the libraries as ``pl`` (or ``pd``) and ``np``, and
    leaves a variable ``result``: a frame, a series, a scalar, a list or a dict of these. A checker
    refuses what reaches outside with the line and the reason; the wall is the process: without
    network, files, other processes, new rights, or more time, memory and output than it was given.
    Every run has a process of its own, so nothing is left from one to the next.

    Args:
        engine: ``"polars"`` or ``"pandas"``.
        timeout_s: Seconds that the code may run.
        memory_bytes: Bytes that it may need on top of the loaded libraries, the frame included.
        max_output_bytes: Bytes that the result may have.
        sandbox: ``"locked"``, or ``"unsafe"`` for platforms without Landlock and seccomp: the
            code is then checked and limited, and nothing keeps a clever one from this machine.
        pool: Processes kept ready, from the first run or :meth:`warm` on.

    Raises:
        ConfigurationError: If an argument is out of range.
        MissingExtraError: If the engine is not installed.
        SandboxUnavailableError: If the platform cannot lock a process.
    """

    def __init__(
        self,
        *,
        engine: Engine = "polars",
        timeout_s: float = 10.0,
        memory_bytes: int = 1 << 30,
        max_output_bytes: int = 1 << 24,
        sandbox: Lock = "locked",
        pool: int = 1,
    ) -> None:
        self._settings = SandboxSettings(
            engine=engine,
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            max_output_bytes=max_output_bytes,
            locked=is_locked(sandbox),
        )
        if type(pool) is not int or not 0 <= pool <= 64:
            raise ConfigurationError(f"pool={pool!r} is no number of processes from 0 to 64")
        require_platform(locked=self._settings.locked)
        frames.require(engine)
        place, settings = installation(engine), self._settings
        self._pool = ProcessPool(lambda: AnalysisProcess(place, settings), pool)
        # For a sandbox that nobody closed: its processes must not outlive it.
        self._finalizer = weakref.finalize(self, self._pool.close)
        if not settings.locked:
            warnings.warn(
                "sandbox='unsafe': analysis code is checked and limited, but nothing keeps it "
                "from the files and the network of this machine",
                RuntimeWarning,
                stacklevel=2,
            )

    def run(self, code: str, frame: Any) -> SandboxResult:
        """Check the code, run it on a frame, and return what it left as ``result``.

        Args:
            code: Python; see the class for what it finds and leaves.
            frame: A ``polars.DataFrame``; for the engine pandas also a ``pandas.DataFrame``.

        Raises:
            SandboxViolationError: If the code reaches for what the sandbox does not hand out.
            SandboxLimitError: If it was stopped at a limit.
            SandboxError: If it raised: with the error's type, text and line, for who wrote it.
            SandboxUnavailableError: If the process could not be locked down.
            ConfigurationError: If ``frame`` is no frame, or does not fit into Arrow.
        """
        return run(self._run(code, frame))

    async def arun(self, code: str, frame: Any) -> SandboxResult:
        """Async twin of :meth:`run`; a task that is cancelled kills its process."""
        return await arun(self._run(code, frame))

    def warm(self) -> None:
        """Fill the pool, and wait until its processes are ready.

        Raises:
            SandboxUnavailableError: If they cannot be locked down.
        """
        self._pool.open()
        self._pool.fill()
        self._pool.await_ready(_START_S)

    async def awarm(self) -> None:
        """Async twin of :meth:`warm`."""
        await asyncio.to_thread(self.warm)

    def close(self) -> None:
        """End the waiting processes; a later run starts its own."""
        self._pool.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await asyncio.to_thread(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def _run(self, code: str, frame: Any) -> Flow[SandboxResult]:
        check_code(code, self._settings.engine)
        return (yield from self._carry(code, frame))

    def _carry(self, code: str, frame: Any) -> Flow[SandboxResult]:
        """Run what is taken for checked."""
        call = _Call()
        return (yield from step(self._perform, self._aperform, code, frame, call))

    async def _aperform(self, code: str, frame: Any, call: _Call) -> SandboxResult:
        work = asyncio.ensure_future(asyncio.to_thread(self._perform, code, frame, call))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            # The thread cannot be cancelled, but what it waits for can be killed.
            call.cancel()
            await asyncio.wait([work])
            work.exception()
            raise

    def _perform(self, code: str, frame: Any, call: _Call) -> SandboxResult:
        settings = self._settings
        blob = frames.packed(frame, settings.engine)
        printable = settings.max_output_bytes // _PRINTED
        job = packed({"code": code, "printable": printable}, [blob])
        try:
            reply, seconds = self._exchange(job, call)
        except ProcessEndedError as ended:
            raise endings.death(ended, settings) from ended
        finally:
            # After the run, so that loading libraries does not compete with it.
            self._pool.fill()
        if reply.text("kind") != "result":
            raise endings.failure(reply, code, settings)
        return SandboxResult(
            value=value_of(reply, settings.engine),
            printed=reply.text("printed"),
            dropped=reply.count("dropped"),
            duration_s=seconds,
        )

    def _exchange(self, job: list[bytes], call: _Call) -> tuple[Reply, float]:
        """Give a process the job, and return its reply and the seconds it took."""
        process = self._started(job, call)
        try:
            begun = time.perf_counter()
            most = self._settings.max_output_bytes + _SMALL
            reply = process.reply(self._settings.timeout_s, most)
            return reply, time.perf_counter() - begun
        finally:
            process.end()

    def _started(self, job: list[bytes], call: _Call) -> AnalysisProcess:
        """A process that has locked itself for good and begins with the job."""
        while True:
            process, waited = self._pool.take()
            try:
                call.holds(process)
                resident = process.await_ready(_START_S)
                process.send(job)
                told = process.reply(_START_S, _SMALL)
                if told.text("kind") != "started":
                    raise endings.failure(told, "", self._settings)
                process.watch_memory(resident + self._settings.memory_bytes)
                return process
            except ProcessEndedError:
                process.end()
                # One that waited may have been killed meanwhile, for memory of the machine. None
                # of the code has run yet, so another may take the job.
                if not waited or call.cancelled:
                    raise
            except BaseException:
                process.end()
                raise


class _Call:
    """One run as the task sees it that waits for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: AnalysisProcess | None = None
        self.cancelled = False

    def holds(self, process: AnalysisProcess) -> None:
        with self._lock:
            self._process = process
            if self.cancelled:
                process.kill()

    def cancel(self) -> None:
        with self._lock:
            self.cancelled = True
            if self._process is not None:
                self._process.kill()
