"""The vectors and texts that both sides have, and the server that both ask."""

from __future__ import annotations

import atexit
import subprocess
import sys
from itertools import cycle, islice
from pathlib import Path
from typing import Any

# Seconds of an answer: a service in a region nearby.
LATENCY = 0.01
# Objects that the server really has.
KEPT = 100
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


def served() -> tuple[int, int]:
    """The ports of REST and gRPC of a server in a process of its own."""
    program = "import data; data.serve()"
    server = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=Path(__file__).parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(server.kill)
    assert server.stdout is not None
    rest, grpc = server.stdout.readline().split()
    return int(rest), int(grpc)


def serve() -> None:
    """Serve until the process ends; prints the ports.

    It keeps the first objects and answers each kind of search as it did the first of the kind,
    because its own way to compare vectors is not what is measured.
    """
    import time

    from racto.testing.weaviate import WeaviateServer
    from racto.testing.weaviate.messages import loaded

    class Canned(WeaviateServer):
        """Weaviate's protocol with answers that cost nothing."""

        kept = 0
        known: dict[tuple[int, bool], Any]

        def _serve(self, name: str, request: Any, context: Any) -> Any:
            time.sleep(LATENCY)
            if name == "BatchObjects":
                self.kept += len(request.objects)
                if self.kept > KEPT:
                    return loaded().batch.BatchObjectsReply()
            if name != "Search":
                return super()._serve(name, request, context)
            kind = (request.limit, request.HasField("filters"))
            if kind not in self.known:
                self.known[kind] = super()._serve(name, request, context)
            return self.known[kind]

    Canned.known = {}
    server = Canned()
    print(server.url.rpartition(":")[2], server.grpc_port, flush=True)
    time.sleep(3600)
