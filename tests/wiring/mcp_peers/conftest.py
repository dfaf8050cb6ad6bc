"""Programs of other people on the other side of the wire, from npm: a server and a client."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from node_peers import MissingPeersError, NodePeers, node_peers
from services import free_port

PATIENCE = 60.0


def listens(port: int) -> bool:
    """Whether something takes connections on a port."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(command: list[str], port: int, log: Path, **variables: str) -> Iterator[None]:
    """Run a server until the block ends.

    Args:
        command: What to run.
        port: Where it will listen.
        log: Takes what it prints.
        **variables: For its environment.
    """
    with (
        log.open("wb") as sink,
        subprocess.Popen(
            command, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, env=os.environ | variables
        ) as server,
    ):
        try:
            until = time.monotonic() + PATIENCE
            while not listens(port):
                ended = server.poll() is not None or time.monotonic() > until
                assert not ended, log.read_text("utf-8", "replace")[-2000:]
                time.sleep(0.05)
            yield
        finally:
            server.kill()


@pytest.fixture(scope="session")
def peers() -> NodePeers:
    """Where the programs are; skipped without Node, and a failure where services are required."""
    try:
        return node_peers()
    except MissingPeersError as error:
        refuse = pytest.fail if os.environ.get("RACTO_REQUIRE_SERVICES") == "1" else pytest.skip
        refuse(f"no MCP programs from npm: {error}")


@pytest.fixture(scope="module")
def everything_at(
    peers: NodePeers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """A function from a transport of HTTP to the URL of server-everything, started at first use."""
    urls: dict[str, str] = {}
    words = {"streamable-http": ("streamableHttp", "mcp"), "sse": ("sse", "sse")}
    with ExitStack() as stack:

        def find(transport: str) -> str:
            if transport not in urls:
                word, path = words[transport]
                port = free_port()
                log = tmp_path_factory.mktemp("everything") / f"{word}.log"
                command = [str(peers.node), str(peers.everything), word]
                stack.enter_context(running(command, port, log, PORT=str(port)))
                urls[transport] = f"http://127.0.0.1:{port}/{path}"
            return urls[transport]

        yield find
