"""Faults of a real server and a real disk: what is acknowledged is kept, and the rest is named."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from racto.core.errors import APIConnectionError, PartialWriteError, RactoGatewayTimeoutError
from racto.core.retries import NO_RETRIES
from racto.core.testing.contracts.samples import fan
from racto.stores.chroma import ChromaStore

_WRITER = """
import sys
from racto.core.testing.contracts.samples import fan
from racto.stores.chroma import ChromaStore
store = ChromaStore(sys.argv[1], host="127.0.0.1", port=int(sys.argv[2]), batch_size=20)
for at in range(0, 120, 20):
    store.add(fan(200, 4)[at : at + 20])
    print(end=".", flush=True)
store.close()
"""

# The limit of the child's files stands for a disk that is full.
_FULL = """
import json, resource, sys
from racto.core.errors import RactoGatewayError
from racto.core.testing.contracts.samples import fan
from racto.stores.chroma import ChromaStore
store = ChromaStore("notes", path=sys.argv[1], batch_size=20)
chunks = [chunk.with_content("x" * 4000) for chunk in fan(400, 4)]
store.add(chunks[:20])
resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, -1))
try:
    store.add(chunks[20:])
except RactoGatewayError as error:
    stored, failed = getattr(error, "stored", ()), list(getattr(error, "failed", ()))
    print(json.dumps([type(error).__name__, str(error), list(stored), failed]))
    sys.stdout.flush()
# Chroma cannot tidy up on such a disk.
import os
os._exit(0)
"""


def test_killed_in_mid_batch_and_in_mid_search(server: Any, before: Callable[[int], Any]) -> None:
    proxy = before(server.port)
    chunks = fan(12, 3)
    store = ChromaStore(
        "notes", host="127.0.0.1", port=proxy.port, batch_size=4, retry=NO_RETRIES, timeout=20
    )
    store.add(chunks[:1])
    writes: list[str] = []

    def killed_at_the_second(asked: str, pass_on: Callable[[], None]) -> None:
        writes.append(asked)
        if writes.count("POST upsert") == 2:
            server.end(signal.SIGKILL)
        pass_on()

    proxy.fault = killed_at_the_second
    with pytest.raises(PartialWriteError) as caught:
        store.add(chunks)
    error = caught.value
    assert error.stored == ("c0", "c1", "c2", "c3")
    assert list(error.failed) == [f"c{at}" for at in range(4, 12)]
    assert error.retryable

    proxy.fault = None
    server.start()
    assert [each and each.chunk_id for each in store.get(error.stored)] == list(error.stored)
    assert store.count() == 4
    store.add([chunk for chunk in chunks if chunk.chunk_id in error.failed])
    assert store.count() == 12

    def killed(asked: str, pass_on: Callable[[], None]) -> None:
        server.end(signal.SIGKILL)
        pass_on()

    proxy.fault = killed
    with pytest.raises(APIConnectionError, match="searching"):
        store.search([1.0, 0.0, 0.0])
    store.close()


@pytest.mark.parametrize("voice", ["sync", "async"])
def test_a_slow_server_is_left_after_the_timeout(
    port: int, before: Callable[[int], Any], voice: str
) -> None:
    proxy = before(port)
    store = ChromaStore(
        f"slow-{uuid.uuid4().hex}", host="127.0.0.1", port=proxy.port, timeout=5, retry=NO_RETRIES
    )
    store.add(fan(2, 3))
    store._link._client._server._session.timeout = 0.3
    proxy.fault = lambda asked, pass_on: (proxy.released.wait(20), None)[1]
    query = [1.0, 0.0, 0.0]
    with pytest.raises(RactoGatewayTimeoutError, match="raise timeout"):
        store.search(query) if voice == "sync" else asyncio.run(store.asearch(query))
    store.close()


def test_no_more_round_trips_than_stated(port: int, before: Callable[[int], Any]) -> None:
    proxy = before(port)
    store = ChromaStore(
        f"trips-{uuid.uuid4().hex}", host="127.0.0.1", port=proxy.port, batch_size=4
    )
    store.add(fan(1, 3))
    uses: list[tuple[Callable[[], Any], list[str]]] = [
        (lambda: store.add(fan(8, 3)), ["POST upsert"] * 2),
        (lambda: store.search([1.0, 0.0, 0.0], 3), ["POST query"]),
        (lambda: store.search([1.0, 0.0, 0.0], 3, {"source": "guide.md"}), ["POST query"]),
        (lambda: store.search_batch([[1.0, 0.0, 0.0]] * 32, 3), ["POST query"]),
        (lambda: store.search_batch([[1.0, 0.0, 0.0]] * 65, 3), ["POST query"] * 2),
        (lambda: store.get(["c0", "c1"]), ["POST get"]),
        (store.count, ["GET count"]),
        (lambda: store.delete(["c0"]), ["POST delete"]),
    ]
    for use, told in uses:
        proxy.asked.clear()
        use()
        assert proxy.asked == told
    store.close()


def test_two_processes_write_at_once(port: int) -> None:
    name = f"two-{uuid.uuid4().hex}"
    command = [sys.executable, "-c", _WRITER, name, str(port)]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    # The other has made its first chunks when it says so.
    assert writer.stdout.read(1) == b"."
    store = ChromaStore(name, host="127.0.0.1", port=port, batch_size=20)
    store.add(fan(200, 4)[80:])
    assert writer.wait(120) == 0
    writer.stdout.close()
    assert store.count() == 200
    assert store.get([f"c{at}" for at in range(200)]) == fan(200, 4)
    store.close()


@pytest.mark.skipif(sys.platform == "win32", reason="limits of files are a thing of Unix")
def test_a_full_disk_loses_nothing_that_was_stored(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FULL, str(tmp_path)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    name, message, stored, failed = json.loads(done.stdout)
    assert name == "PartialWriteError"
    assert "is the disk full" in message
    chunks = {chunk.chunk_id: chunk.with_content("x" * 4000) for chunk in fan(400, 4)}
    assert [*stored, *failed] == [*chunks][20:]
    store = ChromaStore("notes", path=tmp_path)
    kept = [*chunks][:20] + stored
    assert store.get(kept) == [chunks[each] for each in kept]
    store.add([chunks[each] for each in failed])
    assert store.count() == 400
    store.close()
