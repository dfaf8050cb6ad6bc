"""One Milvus Lite and one server of it for all tests; each test has a collection of its own."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from racto.stores.milvus import MilvusStore

pytest.importorskip("milvus_lite", reason="Milvus Lite does not run on this platform")

_NUMBERS = count()


@pytest.fixture(scope="session")
def lite(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where Milvus Lite keeps its data."""
    return str(tmp_path_factory.mktemp("milvus") / "lite.db")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server, which speaks Milvus's protocol over gRPC."""
    folder: Path = tmp_path_factory.mktemp("milvus-server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("milvus-lite")), "server"]
    where = ["--data-dir", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(
        [*command, *where], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as running:
        try:
            _wait(port, running)
            yield f"http://127.0.0.1:{port}"
        finally:
            running.kill()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def make(lite: str) -> Iterator[Callable[..., MilvusStore]]:
    """Makes stores on Lite, each with a collection of its own unless one is named."""
    made: list[MilvusStore] = []

    def make_store(collection: str = "", **options: object) -> MilvusStore:
        name = collection or f"c{next(_NUMBERS)}"
        store = MilvusStore(name, **{"uri": lite, **options})  # type: ignore[arg-type]
        made.append(store)
        return store

    yield make_store
    for store in made:
        store.close()


def _wait(port: int, running: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert running.poll() is None, "the server ended at once"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server did not come up within 30 seconds")
