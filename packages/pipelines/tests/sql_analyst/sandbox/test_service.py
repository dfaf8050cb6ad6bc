"""The life of a sandbox: pools, tasks that are cancelled, forks, platforms that cannot lock."""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from racto.pipelines.errors import (
    SandboxError,
    SandboxLimitError,
    SandboxUnavailableError,
    SandboxViolationError,
)
from racto.pipelines.sql_analyst.sandbox import AnalysisSandbox

from .corpora import sales

TOTAL = "result = df['amount'].sum()"


def gone(pid: int) -> bool:
    return not Path(f"/proc/{pid}").exists()


def pids(sandbox: AnalysisSandbox) -> list[int]:
    return [process.pid for process in sandbox._pool._waiting]


def test_a_run_without_a_pool() -> None:
    with AnalysisSandbox(pool=0) as sandbox:
        assert sandbox.run(TOTAL, sales()).value == sales()["amount"].sum()
        assert pids(sandbox) == []


def test_the_pool_is_filled_and_emptied() -> None:
    with AnalysisSandbox(pool=2) as sandbox:
        assert pids(sandbox) == []
        sandbox.warm()
        first = pids(sandbox)
        assert len(first) == 2
        sandbox.run(TOTAL, sales())
        # The one that ran is gone, the other one waits on, and a third has come.
        assert gone(first[0])
        assert pids(sandbox)[0] == first[1]
        assert len(pids(sandbox)) == 2
        left = pids(sandbox)
    assert all(map(gone, left))
    assert sandbox.run(TOTAL, sales()).value == sales()["amount"].sum()
    assert pids(sandbox) == []


def test_nothing_is_left_from_one_run_to_the_next(polars_sandbox: AnalysisSandbox) -> None:
    polars_sandbox.run("np.random.seed(1)\nmath = 5\npl.mine = 1\nresult = 1", sales())
    with pytest.raises(SandboxError, match="AttributeError"):
        polars_sandbox.run("result = pl.mine", sales())


def test_one_that_waited_and_was_killed_is_replaced() -> None:
    with AnalysisSandbox(pool=1) as sandbox:
        sandbox.warm()
        os.kill(pids(sandbox)[0], 9)
        assert sandbox.run(TOTAL, sales()).value == sales()["amount"].sum()


def test_a_sandbox_that_nobody_closed_leaves_nothing() -> None:
    sandbox = AnalysisSandbox(pool=1)
    sandbox.warm()
    left = pids(sandbox)
    del sandbox
    gc.collect()
    assert all(map(gone, left))


def test_threads_share_a_sandbox(polars_sandbox: AnalysisSandbox) -> None:
    found: dict[int, Any] = {}

    def work(at: int) -> None:
        found[at] = polars_sandbox.run(f"result = df.height + {at}", sales()).value

    threads = [threading.Thread(target=work, args=(at,)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {at: 12 + at for at in range(4)}


async def test_the_async_twins() -> None:
    async with AnalysisSandbox(pool=1) as sandbox:
        await sandbox.awarm()
        runs = [sandbox.arun(f"result = {at}", sales()) for at in range(3)]
        assert [done.value for done in await asyncio.gather(*runs)] == [0, 1, 2]
        with pytest.raises(SandboxViolationError):
            await sandbox.arun("import os", sales())
        left = pids(sandbox)
    assert all(map(gone, left))


async def test_a_task_that_is_cancelled_kills_its_process() -> None:
    async with AnalysisSandbox(pool=1, timeout_s=60) as sandbox:
        await sandbox.awarm()
        running = pids(sandbox)[0]
        task = asyncio.create_task(sandbox.arun("while True:\n    pass", sales()))
        await asyncio.to_thread(await_start, running)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert gone(running)


def await_start(pid: int) -> None:
    """Wait until the process has taken the lock under which it runs code."""
    while "Seccomp_filters:\t2" not in Path(f"/proc/{pid}/status").read_text():
        time.sleep(0.001)


async def test_a_deadline_of_the_caller_holds() -> None:
    async with AnalysisSandbox(pool=0, timeout_s=60) as sandbox:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await sandbox.arun("while True:\n    pass", sales())


def test_a_fork_starts_its_own_processes() -> None:
    with AnalysisSandbox(pool=1) as sandbox:
        sandbox.warm()
        before = pids(sandbox)
        sandbox._pool._owner -= 1
        assert sandbox.run(TOTAL, sales()).value == sales()["amount"].sum()
        assert before != pids(sandbox)
        # Those of the other process are left alone by this one.
        assert not gone(before[0])
        os.kill(before[0], 9)
        os.waitpid(before[0], 0)


def test_every_thread_of_the_process_is_locked() -> None:
    with AnalysisSandbox(pool=1, timeout_s=20) as sandbox:
        sandbox.warm()
        pid = pids(sandbox)[0]
        seen: list[str] = []

        def look() -> None:
            await_start(pid)
            # The threads of polars come a little later.
            time.sleep(0.2)
            tasks = Path(f"/proc/{pid}/task").iterdir()
            seen.extend((task / "status").read_text() for task in tasks)

        watcher = threading.Thread(target=look)
        watcher.start()
        code = "import time\nx = df.lazy().select(pl.all().max()).collect()\ntime.sleep(0.5)\nresult = 1"
        sandbox.run(code, sales())
        watcher.join()
    assert len(seen) > 1
    for status in seen:
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status
        assert "Seccomp_filters:\t2" in status
        assert "CapEff:\t0000000000000000" in status
        assert os.geteuid() != 0 or "Uid:\t65534\t65534\t65534\t65534" in status


@pytest.mark.parametrize("platform", ["darwin", "freebsd14"])
def test_other_systems_are_refused(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(SandboxUnavailableError, match=r"Landlock.*sandbox='unsafe'"):
        AnalysisSandbox()


def test_windows_is_refused_even_unsafe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SandboxUnavailableError, match="WSL"):
        AnalysisSandbox(sandbox="unsafe")


def test_a_process_that_cannot_lock_itself_runs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from racto.pipelines.sql_analyst.sandbox import processes

    # A kernel without Landlock, as the child sees it.
    broken = (
        "import sys; sys.path.insert(0, sys.argv[1]); import jail.landlock as l; "
        "l.abi = lambda: 0; from jail.boot import main; main(sys.argv[2])"
    )
    monkeypatch.setattr(processes, "_START", broken)
    sandbox = AnalysisSandbox(pool=0)
    with sandbox, pytest.raises(SandboxUnavailableError, match="no Landlock"):
        sandbox.run(TOTAL, sales())


def test_unsafe_warns_checks_and_limits() -> None:
    with pytest.warns(RuntimeWarning, match="nothing keeps it"):
        sandbox = AnalysisSandbox(sandbox="unsafe", pool=0, timeout_s=0.5)
    with sandbox:
        assert sandbox.run(TOTAL, sales()).value == sales()["amount"].sum()
        with pytest.raises(SandboxViolationError):
            sandbox.run("import os", sales())
        with pytest.raises(SandboxLimitError):
            sandbox.run("while True:\n    pass", sales())


FORGERIES = {
    "noise": "b'x' * 100",
    "nothing but a head": "b'RAJ1' + bytes(8)",
    "a claim of gigabytes": "b'RAJ1' + (4_000_000_000).to_bytes(4, 'little') + bytes(4)",
    "many blobs": "b'RAJ1' + bytes(4) + (4_000_000_000).to_bytes(4, 'little')",
    "a huge blob": "b'RAJ1' + bytes(4) + bytes([1,0,0,0]) + b'\\xff' * 8",
    "no json": "message(b'{')",
    "a list": "message(b'[]')",
    "deep json": "message(b'[' * 100_000)",
    "another kind": 'message(b\'{"kind": "ready"}\')',
    "an unknown tag": 'message(b\'{"kind": "result", "value": {"t": "code", "v": 1}}\')',
    "no frame": 'message(b\'{"kind": "result", "value": {"t": "frame", "v": 7}}\')',
    "a bad frame": 'message(b\'{"kind": "result", "value": {"t": "frame", "v": 0}}\', b"x" * 64)',
    "an unhashable key": 'message(b\'{"kind": "result", "value": {"t": "dict", "v": [[[1], 2]]}}\')',
    "a bad number": 'message(b\'{"kind": "result", "value": {"t": "decimal", "v": "x"}}\')',
    "a bad date": 'message(b\'{"kind": "result", "value": {"t": "date", "v": 3}}\')',
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_reply_is_refused(name: str, polars_sandbox: AnalysisSandbox) -> None:
    from racto.core.flows import run

    code = (
        "import os, sys\n"
        "def message(head, *blobs):\n"
        "    sizes = b''.join(len(b).to_bytes(8, 'little') for b in blobs)\n"
        "    start = b'RAJ1' + len(head).to_bytes(4, 'little') + len(blobs).to_bytes(4, 'little')\n"
        "    return start + sizes + head + b''.join(blobs)\n"
        f"os.write(1, {FORGERIES[name]})\n"
        "os._exit(0)\n"
    )
    with pytest.raises((SandboxViolationError, SandboxLimitError)):
        run(polars_sandbox._carry(code, sales()))
