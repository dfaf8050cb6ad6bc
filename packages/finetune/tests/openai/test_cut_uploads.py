"""An upload that is cut in the middle of its bytes is made again, whole, and read piece by piece."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from racto.core.flows import arun, run
from racto.finetune.openai import OpenAIFineTuner

from .conftest import QUICK

CUT = 100_000
SIZE = 3_000_000


class Cutter:
    """A server that cuts its first uploads after some bytes, and takes the next one.

    Args:
        cuts: How many uploads it cuts.
    """

    def __init__(self, cuts: int) -> None:
        self.received: list[int] = []
        self._cuts = cuts
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                self._take(connection)

    def _take(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += connection.recv(4096)
        head, _, body = head.partition(b"\r\n\r\n")
        lines = head.lower().split(b"\r\n")
        length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-len"))
        most = CUT if len(self.received) < self._cuts else length
        got = len(body)
        while got < most and (piece := connection.recv(65536)):
            got += len(piece)
        self.received.append(got)
        if got < length:
            return
        answer = json.dumps({"id": "file-1", "object": "file"}).encode()
        connection.sendall(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
            + f"content-length: {len(answer)}\r\n\r\n".encode()
            + answer
        )

    def close(self) -> None:
        """Take no more."""
        self._socket.close()


@pytest.fixture
def cutter() -> Iterator[Cutter]:
    """A server that cuts two uploads."""
    server = Cutter(2)
    yield server
    server.close()


async def test_an_upload_that_is_cut_begins_anew(cutter: Cutter, tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_bytes(b"x" * SIZE)
    tuner = OpenAIFineTuner("test-key", base_url=cutter.url, retries=QUICK)
    assert run(tuner._talking(lambda wire: wire.upload(path, "train.jsonl"))) == "file-1"
    assert all(CUT <= got < SIZE for got in cutter.received[:2])
    assert cutter.received[2] > SIZE
    assert await arun(tuner._talking(lambda wire: wire.upload(path, "train.jsonl"))) == "file-1"
