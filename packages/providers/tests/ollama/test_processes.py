"""Child processes end with all that they started, whatever they think of it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from racto.core import ConfigurationError
from racto.providers.ollama import processes
from racto.providers.ollama.processes import ServerProcess

Start = Callable[[str], ServerProcess]

DESCENDANT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
ORPHANER = """
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid, flush=True)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts Python programs, and ends them."""
    made: list[ServerProcess] = []

    def starting(program: str) -> ServerProcess:
        made.append(ServerProcess([sys.executable, "-c", program], {"GREETING": "hello"}))
        return made[-1]

    yield starting
    for process in made:
        process.end()


def soon(met: Callable[[], object]) -> bool:
    until = time.monotonic() + 10.0
    while not met():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


def is_running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    # A zombie has ended; who must bury it is another matter.
    return state.exists() and state.read_text().rpartition(")")[2].split()[0] != "Z"


def test_it_has_the_environment_and_its_words_are_kept(start: Start) -> None:
    process = start("import os; print(os.environ['GREETING'], 'PATH' in os.environ)")
    assert soon(lambda: not process.is_alive)
    process.end()
    assert process.log == "hello True"


def test_words_are_kept_within_bounds(start: Start) -> None:
    process = start("print('x' * 100_000); [print(n) for n in range(200)]")
    assert soon(lambda: not process.is_alive)
    process.end()
    lines = process.log.splitlines()
    assert lines[-1] == "199"
    assert len(lines) == 50


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks the kernel which processes run")
def test_what_it_started_ends_with_it(start: Start) -> None:
    process = start(DESCENDANT)
    assert soon(lambda: process.log)
    child = int(process.log)
    assert is_running(child)
    process.end()
    assert not process.is_alive
    assert soon(lambda: not is_running(child))
    process.end()


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks the kernel which processes run")
def test_what_it_left_behind_when_it_died_ends_too(start: Start) -> None:
    process = start(ORPHANER)
    assert soon(lambda: process.log and not process.is_alive)
    child = int(process.log)
    assert is_running(child)
    process.end()
    assert soon(lambda: not is_running(child))


def test_one_that_will_not_go_is_ended_by_force(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "_GRACE_SECONDS", 0.05)
    process = start(STUBBORN)
    assert soon(lambda: process.log)
    process.end()
    assert not process.is_alive


def test_a_program_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no-such.*ollama_bin="):
        ServerProcess([str(tmp_path / "no-such"), "serve"], {})
    text = tmp_path / "text"
    text.write_text("no program")
    with pytest.raises(ConfigurationError, match="ollama_bin="):
        ServerProcess([str(text)], {})


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="asks the kernel which processes run")
def test_it_ends_with_the_program_that_forgot_it() -> None:
    program = (
        "import sys; from racto.providers.ollama.processes import ServerProcess\n"
        "made = ServerProcess([sys.executable, '-c', 'import time; time.sleep(60)'], {})\n"
        "print(made._process.pid)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not is_running(int(done.stdout))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_leaves_the_server_alone(start: Start) -> None:
    process = start("import time; time.sleep(60)")
    pid = os.fork()
    if pid == 0:
        process.end()
        os._exit(0)
    os.waitpid(pid, 0)
    assert process.is_alive
