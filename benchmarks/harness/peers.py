"""Environments of peers, made by uv under .cache/peers, and the worker processes in them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from .case import Environment, Side

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / ".cache" / "peers"
GRACE = 10.0
"""Seconds for which a side may tidy up when it is no longer needed."""
WORKER = Path(__file__).with_name("worker.py")
THREAD_VARIABLES = (
    "OPENBLAS_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "RAYON_NUM_THREADS",
)


class SideFailedError(Exception):
    """A side could not be installed, loaded or run; the message says why, in one line."""


def interpreter(environment: Environment | None) -> Path:
    """The interpreter of an environment, which is made first where it is missing or outdated.

    Args:
        environment: A peer's environment; None is the one this program runs in.

    Raises:
        SideFailedError: If it cannot be installed, for example without a network.
    """
    if environment is None:
        return Path(sys.executable)
    folder = PEERS / environment.name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    wanted = "\n".join((sys.version, *environment.requirements))
    mark = folder / ".installed"
    digest = hashlib.sha256(wanted.encode()).hexdigest()
    if not (mark.is_file() and mark.read_text() == digest):
        _install(environment, folder, python)
        mark.write_text(digest)
    return python


def _install(environment: Environment, folder: Path, python: Path) -> None:
    print(f"installing {', '.join(environment.requirements)} into {folder.name}", file=sys.stderr)
    uv = _uv()
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(folder)],
        [uv, "pip", "install", "--quiet", "--python", str(python), *environment.requirements],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            reason = " ".join(done.stderr.split())[-300:]
            raise SideFailedError(
                f"cannot install {environment.name}: {reason.replace(str(ROOT), '.')}"
            )


def _uv() -> str:
    named = os.environ.get("UV") or shutil.which("uv")
    if named:
        return named
    # The project's own script brings uv into .tools where the machine has none.
    done = subprocess.run(
        [ROOT / "scripts" / "environment", "--uv"], capture_output=True, text=True
    )
    if done.returncode:
        raise SideFailedError(f"cannot find uv: {done.stderr.strip()[-200:]}")
    return done.stdout.strip()


class Worker:
    """One side, loaded in a process of its own and ready to run.

    Args:
        side: What to run.
        folder: The room's folder, in which the side's file lies.
        given: Keyword arguments of its function.
        threads: BLAS and OpenMP threads.
        limit: Seconds after which a silent worker is ended.

    Raises:
        SideFailedError: If it cannot be installed, started or loaded.
    """

    def __init__(
        self,
        side: Side,
        folder: Path,
        *,
        given: Mapping[str, Any],
        threads: int = 1,
        limit: float = 600.0,
    ) -> None:
        python = interpreter(side.environment)
        variables = dict.fromkeys(THREAD_VARIABLES, str(threads))
        self._limit = limit
        self._process = subprocess.Popen(
            [str(python), str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **variables, "PYTHONPATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
            # A group of its own, so that whatever the side starts can be ended with it.
            start_new_session=True,
        )
        try:
            self._ask(
                do="load", file=str(folder / side.file), function=side.function, given=dict(given)
            )
        except BaseException:
            self.stop()
            raise

    def run(self, seconds: float) -> dict[str, float]:
        """Run the side's callable for about so many seconds.

        Returns:
            ``calls``, ``work``, ``wall`` and ``cpu`` (both in seconds).

        Raises:
            SideFailedError: If it raised, died, or took longer than the limit.
        """
        return self._ask(do="run", seconds=seconds)

    def stop(self) -> None:
        """End the process with all that it started: asked to first, and then by force."""
        try:
            if self._process.stdin is not None and not self._process.stdin.closed:
                # The end of its requests: it leaves by itself, and tidies up what it has started.
                self._process.stdin.close()
            self._process.wait(GRACE)
        except (subprocess.TimeoutExpired, BrokenPipeError):
            print("a side did not end by itself", file=sys.stderr)
        finally:
            self._kill()
            if self._process.stdout is not None:
                self._process.stdout.close()

    def _kill(self) -> None:
        if hasattr(os, "killpg"):
            # The group outlives its leader for as long as anybody else is in it.
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        elif self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        alarm = threading.Timer(self._limit, self._kill)
        alarm.start()
        try:
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            raise SideFailedError(
                f"the worker died while it should {request['do']} (killed after "
                f"{self._limit:.0f} s, out of memory, or crashed)"
            )
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise SideFailedError(answer["error"].replace(str(ROOT), "."))
        return answer
