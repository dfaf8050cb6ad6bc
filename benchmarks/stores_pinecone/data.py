"""The vectors, texts and canned answers that both sides have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

# Seconds of an answer: a service in a region nearby.
LATENCY = 0.01
# Distinct vectors.
DISTINCT = 10_000
TEXT = "Tides follow the moon, and the harbour keeps a table of them. " * 8


def vectors(rows: int, dimension: int, seed: int = 0, kind: str = "array") -> list[Any]:
    """Rows of numbers, the same in every run; from the 10,001st on they come again.

    As lists of Python, ``kind="list"``, 100,000 of them would take more than a gigabyte a side.
    """
    import numpy as np

    chance = np.random.default_rng(seed)
    some = chance.standard_normal((min(rows, DISTINCT), dimension)).astype(np.float32)
    return list(islice(cycle(some.tolist() if kind == "list" else some), rows))


@contextmanager
def canned(dimension: int, matches: list[dict[str, Any]]) -> Iterator[str]:
    """The address of an index that gives the same answers to all, so that clients are measured.

    It runs in a process of its own, whose time is not the clients'.
    """
    import subprocess
    import sys

    program = f"import data, sys; data.serve({dimension}, sys.stdin.readline())"
    from pathlib import Path

    server = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(matches) + "\n")
    server.stdin.flush()
    try:
        yield server.stdout.readline().strip()
    finally:
        server.kill()
        server.communicate()


def serve(dimension: int, matches: str) -> None:
    """Serve one index until the process ends; prints its address."""
    import threading
    import time
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    found = json.dumps({"matches": json.loads(matches), "namespace": "", "usage": {}}).encode()
    stats = {"namespaces": {}, "dimension": dimension, "metric": "cosine", "totalVectorCount": 0}
    answers = {
        "/query": found,
        "/vectors/upsert": b'{"upsertedCount":100}',
        "/describe_index_stats": json.dumps(stats).encode(),
    }

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            time.sleep(LATENCY)
            body = answers[self.path]
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    threading.Thread(target=server.serve_forever).run()
