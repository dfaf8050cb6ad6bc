"""The face of the brokers: their addresses for a client, and faults for the test to cause."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from types import TracebackType
from typing import Any, Literal, Self

from racto.core.errors import ConfigurationError

from .librdkafka import located

EVERY = -1
"""In place of a broker's number: all of them."""


class KafkaBroker:
    """Brokers on free ports of this machine that speak Kafka's protocol, until they are closed.

    librdkafka's mock cluster in a process of its own: produce and fetch, idempotence, headers,
    consumer groups, commits and the calls of transactions are real. It does not hide the records
    of open or aborted transactions from ``read_committed``, has no administration of topics
    (create them here; they also come into being by use), and keeps about 5 MiB a partition.

    Args:
        brokers: How many; they are numbered from 1.
        rebalance_delay_ms: How long a new group waits for further members. Kafka's default is
            3,000; here a test need not wait.

    Raises:
        MissingExtraError: If librdkafka, which confluent-kafka brings, is not installed.
        ConfigurationError: If there is to be none, or they do not start.
    """

    def __init__(self, *, brokers: int = 1, rebalance_delay_ms: int = 0) -> None:
        if brokers < 1:
            raise ConfigurationError(f"brokers: must be 1 or more, not {brokers}")
        # Told here, where the caller sees it, rather than by a process that does not start.
        located()
        options = {"brokers": brokers, "rebalance_delay_ms": rebalance_delay_ms}
        self._process = subprocess.Popen(  # noqa: S603 - our own module and numbers
            [sys.executable, "-m", f"{__package__}.process", json.dumps(options)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._lock = threading.Lock()
        self._requests: Counter[str] = Counter()
        self._frozen = False
        try:
            self._addresses = str(self._answer())
        except BaseException:
            self.close()
            raise

    @property
    def bootstrap_servers(self) -> str:
        """What goes into a client's ``bootstrap_servers``."""
        return self._addresses

    @property
    def requests(self) -> Counter[str]:
        """How many requests of each kind have come so far, such as ``Produce`` and ``Fetch``."""
        self._requests.update(self._do("requests"))
        return Counter(self._requests)

    # -- topics ------------------------------------------------------------------------------

    def create_topic(self, topic: str, *, partitions: int = 4, replicas: int = 1) -> str:
        """Create a topic and return its name.

        Raises:
            ConfigurationError: If it is there already, or has no name or no partition.
        """
        if not topic or partitions < 1:
            raise ConfigurationError(f"topic {topic!r} with {partitions} partitions: give both")
        self._do("create_topic", topic, partitions, replicas)
        return topic

    def lead(self, topic: str, partition: int, broker: int) -> None:
        """Make a broker the leader of a partition; -1 leaves the partition without one."""
        self._do("lead", topic, partition, broker)

    def trim(self, topic: str, partition: int, *, before: int) -> None:
        """Delete a partition's records before an offset, as retention does."""
        self._do("trim", topic, partition, before)

    # -- faults ------------------------------------------------------------------------------

    def fail(self, request: str, *errors: str) -> None:
        """Refuse the next requests of a kind.

        Args:
            request: The kind, such as ``Produce``, ``Fetch``, ``OffsetCommit``, ``EndTxn``.
            *errors: One for each request, named as in ``confluent_kafka.KafkaError``; ``NO_ERROR``
                lets one through, and ``_TRANSPORT`` closes the connection.
        """
        self._do("fail", request, errors)

    def heal(self, request: str) -> None:
        """Forget the errors of :meth:`fail` that have not been met yet."""
        self._do("clear", request)

    def fail_topic(self, topic: str, error: str = "TOPIC_AUTHORIZATION_FAILED") -> None:
        """Answer requests for a topic with an error; ``NO_ERROR`` ends it."""
        self._do("fail_topic", topic, error)

    def delay(self, seconds: float, *, broker: int = EVERY) -> None:
        """Let each answer take so long; 0 ends it."""
        self._do("delay", round(seconds * 1000), broker)

    def stop(self, broker: int = EVERY) -> None:
        """Close all connections of a broker and refuse new ones; what it holds it keeps."""
        self._do("stop", broker)

    def start(self, broker: int = EVERY) -> None:
        """Undo :meth:`stop`."""
        self._do("start", broker)

    def coordinate(self, kind: Literal["group", "transaction"], key: str, *, broker: int) -> None:
        """Make a broker the coordinator of a consumer group or of a transactional id."""
        self._do("coordinate", kind, key, broker)

    def freeze(self) -> None:
        """Stop the process without closing a connection, as a network does that drops packets."""
        os.kill(self._process.pid, signal.SIGSTOP)
        self._frozen = True

    def thaw(self) -> None:
        """Undo :meth:`freeze`."""
        os.kill(self._process.pid, signal.SIGCONT)
        self._frozen = False

    def kill(self) -> None:
        """End the process at once; what it held is gone, and it cannot be started again."""
        self._process.kill()
        self._process.wait()

    # -- the end -----------------------------------------------------------------------------

    def close(self) -> None:
        """End the brokers; calling it twice does no harm."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None and not pipe.closed:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _do(self, command: str, *arguments: object) -> Any:
        if self._frozen:
            raise ConfigurationError(f"the brokers are frozen; thaw() them before {command}")
        stdin = self._process.stdin
        if self._process.poll() is not None or stdin is None or stdin.closed:
            raise ConfigurationError(f"the brokers are gone; {command} needs a new KafkaBroker")
        with self._lock:
            stdin.write(json.dumps([command, arguments]) + "\n")
            stdin.flush()
            return self._answer()

    def _answer(self) -> Any:
        stdout = self._process.stdout
        line = stdout.readline() if stdout is not None else ""
        if not line:
            code = self._process.wait()
            raise ConfigurationError(f"the brokers' process ended with code {code}")
        answer = json.loads(line)
        if "error" in answer:
            raise ConfigurationError(answer["error"])
        return answer["ok"]
