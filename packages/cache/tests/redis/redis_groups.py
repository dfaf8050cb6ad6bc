"""Real groups of Redis servers for the tests: a cluster of three, and a primary that a sentinel watches."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from .redis_server import LOCAL, RedisServer, free_port

_SLOTS = 16_384
_PATIENCE = 30.0


@contextmanager
def running_cluster() -> Iterator[list[RedisServer]]:
    """Three primaries that share the slots."""
    with ExitStack() as stack:
        nodes = []
        for number in range(3):
            node = RedisServer(
                *("--cluster-enabled", "yes", "--cluster-node-timeout", "2000"),
                *("--cluster-config-file", "nodes.conf"),
                port=_port_with_bus(),
            )
            stack.enter_context(node)
            node.tell("CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
            slots = range(number * _SLOTS // 3, (number + 1) * _SLOTS // 3)
            node.tell("CLUSTER", "ADDSLOTS", *map(str, slots))
            nodes.append(node)
        for node in nodes[1:]:
            nodes[0].tell("CLUSTER", "MEET", LOCAL, str(node.port))
        until(lambda: all(_knows(node) for node in nodes))
        yield nodes


@contextmanager
def watched_primary(folder: Path) -> Iterator[tuple[int, RedisServer, RedisServer]]:
    """A sentinel's port, the primary that it watches as ``main``, and the replica of it."""
    with ExitStack() as stack:
        primary = stack.enter_context(RedisServer())
        replica = stack.enter_context(RedisServer("--replicaof", LOCAL, str(primary.port)))
        port = free_port()
        config = folder / "sentinel.conf"
        config.write_text(
            f"sentinel monitor main {LOCAL} {primary.port} 1\n"
            "sentinel down-after-milliseconds main 400\n"
            "sentinel failover-timeout main 2000\n"
        )
        sentinel = RedisServer(config=config, port=port)
        stack.enter_context(sentinel)

        def is_ready() -> bool:
            with sentinel.admin() as admin:
                state = admin.sentinel_masters()["main"]
                return bool(state["num-slaves"] == 1 and not state["is_sdown"])

        until(is_ready)
        yield port, primary, replica


def until(is_done: Callable[[], Any]) -> None:
    """Wait for something that takes a while."""
    end = time.monotonic() + _PATIENCE
    while not is_done():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.05)


def _knows(node: RedisServer) -> bool:
    with node.admin() as admin:
        info = admin.cluster("INFO")
        return bool(info["cluster_state"] == "ok" and info["cluster_known_nodes"] == "3")


def _port_with_bus() -> int:
    # The nodes speak to each other on a port that is 10,000 higher.
    for _ in range(200):
        if (port := free_port()) < 55_000:
            return port
    return random.randint(20_000, 30_000)
