"""The workshop of analysis code: one sandbox a pipeline, made when it is first needed."""

from __future__ import annotations

import threading

from racto.core.flows import Flow

from .sandbox import AnalysisSandbox
from .settings import AnalysisEngine, SandboxMode
from .voices import offload


class Workshop:
    """Makes the sandbox once, and closes what it made.

    Args:
        sandbox: A sandbox to use, which stays open; or how to make one: ``locked`` or ``unsafe``.
        engine: The library of the code.
        timeout_s: Seconds that code may run.
        memory_bytes: Bytes that it may need.
    """

    def __init__(
        self,
        sandbox: AnalysisSandbox | SandboxMode,
        *,
        engine: AnalysisEngine,
        timeout_s: float,
        memory_bytes: int,
    ) -> None:
        self._given = sandbox if isinstance(sandbox, AnalysisSandbox) else None
        self._mode: SandboxMode = "locked" if isinstance(sandbox, AnalysisSandbox) else sandbox
        self._engine = engine
        self._timeout = timeout_s
        self._memory = memory_bytes
        self._lock = threading.Lock()
        self._made: AnalysisSandbox | None = None

    def sandbox(self) -> Flow[AnalysisSandbox]:
        """The sandbox.

        Raises:
            SandboxUnavailableError: If this platform cannot lock it down.
            MissingExtraError: If the library is not installed.
        """
        # Without a thread when there is nothing to make.
        ready = self._given or self._made
        if ready is not None:
            return ready
        # Importing pandas takes a second, which is none of an event loop's.
        made: AnalysisSandbox = yield from offload(self._make)
        return made

    def _make(self) -> AnalysisSandbox:
        with self._lock:
            if self._made is None:
                self._made = AnalysisSandbox(
                    engine=self._engine,
                    timeout_s=self._timeout,
                    memory_bytes=self._memory,
                    sandbox=self._mode,
                )
            return self._made

    def close(self) -> Flow[None]:
        """Close the sandbox that was made here."""
        # Taken out under the lock: a run that comes later makes its own.
        with self._lock:
            made, self._made = self._made, None
        if made is not None:
            yield from offload(made.close)
