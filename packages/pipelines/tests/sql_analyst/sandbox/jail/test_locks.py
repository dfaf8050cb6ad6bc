"""Each lock of the kernel alone, in a process that has taken no other."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from racto.pipelines.sql_analyst.sandbox import jail

START = "import sys, os, threading; sys.path.insert(0, {home!r}); import _strptime; "
LANDLOCK = "from jail import landlock, kernel; kernel.prctl(38, 1); landlock.restrict([{open!r}], [{listed!r}]); "
FILTER = (
    "from jail import calls, filters, kernel; kernel.prctl(38, 1); "
    "filters.install(calls.while_running(), filters.DENY, threads=True); "
)
LOADING = (
    "from jail import calls, filters, kernel; kernel.prctl(38, 1); "
    "filters.install(calls.while_loading(), filters.ALLOW, threads=False); "
)


def told(lock: str, code: str, **facts: str) -> str:
    """What code prints behind one lock; the name of its error otherwise."""
    home = str(Path(jail.__file__).parent.parent)
    wrapped = f"{START}{lock}\ntry:\n    {code}\nexcept OSError as e:\n    print(type(e).__name__, e.errno)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", wrapped.format(home=home, **facts)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stdout.strip() or done.stderr[-300:]


@pytest.fixture
def facts(tmp_path: Path) -> dict[str, str]:
    readable, listed, secret = tmp_path / "open", tmp_path / "listed", tmp_path / "secret"
    for folder in (readable, listed, secret):
        folder.mkdir()
        (folder / "file").write_text("content")
    return {"open": str(readable), "listed": str(listed), "secret": str(secret)}


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("print(open({open!r} + '/file').read())", "content"),
        ("print(os.listdir({listed!r}))", "['file']"),
        ("print(open({secret!r} + '/file').read())", "PermissionError 13"),
        ("print(open({listed!r} + '/file').read())", "PermissionError 13"),
        ("print(os.listdir({secret!r}))", "PermissionError 13"),
        ("print(open({open!r} + '/new', 'w'))", "PermissionError 13"),
        ("print(open('/proc/1/status').read())", "PermissionError 13"),
        ("print(os.mkdir({open!r} + '/folder'))", "PermissionError 13"),
        ("print(os.remove({open!r} + '/file'))", "PermissionError 13"),
        ("print(os.execv('/bin/true', ['true']))", "PermissionError 13"),
    ],
)
def test_landlock_alone_holds_files(code: str, answer: str, facts: dict[str, str]) -> None:
    assert told(LANDLOCK, code, **facts) == answer


def test_landlock_alone_holds_connections(facts: dict[str, str]) -> None:
    from racto.pipelines.sql_analyst.sandbox.jail.landlock import abi

    if abi() < 4:
        pytest.skip("this kernel's Landlock knows no network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        lock = f"import socket; {LANDLOCK}"
        call = f"print(socket.create_connection(('127.0.0.1', {port}), 5))"
        assert told(lock, call, **facts) == "PermissionError 13"


@pytest.mark.parametrize(
    "code",
    [
        "print(open({open!r} + '/file').read())",
        "print(os.listdir({open!r}))",
        "print(os.stat({open!r}))",
        "print(os.fork())",
        "print(os.execv('/bin/true', ['true']))",
        "print(os.kill(os.getppid(), 0))",
        "print(os.memfd_create('x'))",
        "print(os.pipe())",
        "print(os.getcwd())",
        "print(os.uname())",
        "print(os.unlink({open!r} + '/file'))",
        "print(os.setuid(0))",
        "print(os.sched_setaffinity(0, [0]))",
    ],
)
def test_the_filter_alone_holds_everything(code: str, facts: dict[str, str]) -> None:
    assert told(FILTER, code, **facts) == "PermissionError 1"


def test_the_filter_alone_binds_threads_that_run(facts: dict[str, str]) -> None:
    lock = (
        "go, box = threading.Event(), [];\n"
        "def work():\n"
        "    go.wait()\n"
        "    try:\n"
        "        box.append(open({open!r} + '/file').read())\n"
        "    except OSError as e:\n"
        "        box.append(e.errno)\n"
        "t = threading.Thread(target=work); t.start()\n"
        f"{FILTER}"
    )
    assert told(lock, "go.set(); t.join(); print(box)", **facts) == "[1]"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("print(open({open!r} + '/file').read())", "content"),
        ("print(os.fork())", "PermissionError 1"),
        ("import socket; print(socket.socket())", "PermissionError 1"),
        ("print(os.execv('/bin/true', ['true']))", "PermissionError 1"),
        ("t = threading.Thread(target=print, args=('ran',)); t.start(); t.join()", "ran"),
    ],
)
def test_loading_reads_and_starts_nothing(code: str, answer: str, facts: dict[str, str]) -> None:
    assert told(LOADING, code, **facts) == answer
