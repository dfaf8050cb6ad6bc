"""The vectors and texts that both sides have, and the server that both ask."""

from __future__ import annotations

import atexit
import random
import subprocess
import sys

TEXT = "Tides follow the moon, and the harbour keeps a table of them. " * 8


def vectors(rows: int, dimension: int, seed: int = 0) -> list[list[float]]:
    """Rows of numbers, the same in every run."""
    chance = random.Random(seed)
    return [[chance.gauss(0.0, 1.0) for _ in range(dimension)] for _ in range(rows)]


def served() -> tuple[int, int]:
    """The ports of REST and gRPC of a server in a process of its own."""
    program = (
        "from racto.testing.weaviate import WeaviateServer; import time\n"
        "server = WeaviateServer()\n"
        "print(server.url.rpartition(':')[2], server.grpc_port, flush=True)\n"
        "time.sleep(3600)"
    )
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    atexit.register(server.kill)
    assert server.stdout is not None
    rest, grpc = server.stdout.readline().split()
    return int(rest), int(grpc)
