"""The brokers' process: one command a line on stdin, one answer a line on stdout, then the end.

It is a process of its own, so that a client under test shares no librdkafka with its broker, and so
that the broker can be killed.
"""

from __future__ import annotations

import ctypes
import json
import signal
import sys
from collections.abc import Iterable
from typing import TextIO

from .cluster import Cluster

COMMANDS = frozenset(
    "create_topic fail_topic fail clear delay stop start lead coordinate trim requests".split()  # noqa: SIM905
)
"""What :class:`~racto.testing.kafka.cluster.Cluster` does by command."""


def serve(cluster: Cluster, commands: Iterable[str], answers: TextIO) -> None:
    """Carry out commands until there are no more.

    Args:
        cluster: The brokers.
        commands: Lines of JSON: a name and a list of arguments.
        answers: Where each one's outcome goes: a line of JSON with ``ok`` or ``error``.
    """
    for line in commands:
        name, arguments = json.loads(line)
        try:
            if name not in COMMANDS:
                raise ValueError(f"{name!r:.80} is no command")
            answer = {"ok": getattr(cluster, name)(*arguments)}
        except (ValueError, TypeError, ctypes.ArgumentError) as error:
            answer = {"error": str(error)}
        print(json.dumps(answer), file=answers, flush=True)


def main(options: str) -> None:
    """Start the brokers that ``options``, JSON, asks for; the first answer is their addresses."""
    # Ctrl-C goes to all processes of a terminal, and a test of that needs its broker to the end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        cluster = Cluster(**json.loads(options))
    except (ValueError, OSError, AttributeError) as error:
        print(json.dumps({"error": str(error)}), flush=True)  # noqa: T201
        return
    print(json.dumps({"ok": cluster.bootstrap_servers()}), flush=True)  # noqa: T201
    # The parent's end closes the pipe, so that a test run that is killed leaves nothing behind.
    serve(cluster, sys.stdin, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
