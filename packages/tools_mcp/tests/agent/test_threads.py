from __future__ import annotations

import os
import queue
import sys
import threading

import pytest

from racto.tools.mcp.agent import threads


def test_a_thread_is_used_again_and_a_hung_one_is_replaced() -> None:
    told: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    release = threading.Event()

    def work() -> None:
        told.put(threading.current_thread())

    threads.begin(work)
    first = told.get(timeout=10)
    for _ in range(1000):
        if threads._idle:
            break
        threading.Event().wait(0.005)
    threads.begin(lambda: (work(), release.wait(30)))
    assert told.get(timeout=10).daemon
    threads.begin(work)
    assert told.get(timeout=10) is not None
    release.set()
    assert first.daemon


def test_idle_threads_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.05)
    told: queue.SimpleQueue[threading.Thread] = queue.SimpleQueue()
    # Idle ones of other tests wait for as long as they were told to.
    threads._idle.clear()
    threads.begin(lambda: told.put(threading.current_thread()))
    worker = told.get(timeout=10)
    worker.join(timeout=10)
    assert not worker.is_alive()
    assert threads._idle == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_begins_its_own_threads() -> None:
    told: queue.SimpleQueue[int] = queue.SimpleQueue()
    threads.begin(lambda: told.put(1))
    assert told.get(timeout=10) == 1
    child = os.fork()
    if child == 0:
        code = 1
        try:
            mine: queue.SimpleQueue[int] = queue.SimpleQueue()
            threads.begin(lambda: mine.put(2))
            code = 0 if mine.get(timeout=10) == 2 else 1
        finally:
            sys.stdout.flush()
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
