"""A forked child cannot use its parent's clients, is told so, and ends in peace."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from racto.testing.kafka import KafkaBroker

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")

_PROGRAM = """
    import asyncio, os, sys, time, warnings
    from racto.core.errors import ConfigurationError
    from racto.kafka import (
        KafkaConsumerClient, KafkaConsumerConfig, KafkaProducerClient, KafkaProducerConfig,
    )

    warnings.simplefilter("ignore", DeprecationWarning)
    servers = {servers!r}
    producer = KafkaProducerClient(
        config=KafkaProducerConfig(bootstrap_servers=servers, linger_ms=500)
    )
    consumer = KafkaConsumerClient(
        config=KafkaConsumerConfig(bootstrap_servers=servers, topics="forked", group_id="forks")
    )
    consumer.poll(timeout_ms=200)
    producer.publish("forked", 1, wait=False)
    child = os.fork()
    if child == 0:
        told = 0
        for call in (
            lambda: producer.publish("forked", 2, wait=False),
            lambda: producer.publish("forked", 2),
            lambda: asyncio.run(producer.apublish("forked", 2)),
            consumer.poll,
            consumer.commit,
            lambda: asyncio.run(consumer.apoll()),
        ):
            try:
                call()
            except ConfigurationError as error:
                told += "make one in each process" in str(error)
        assert producer.flush() == 0
        producer.close()
        consumer.close()
        sys.exit(0 if told == 6 else 7)
    began = time.monotonic()
    _, status = os.waitpid(child, 0)
    assert time.monotonic() - began < 8, "the child waited for what is its parent's"
    assert producer.flush() == 0
    producer.close()
    consumer.close()
    sys.exit(os.waitstatus_to_exitcode(status) & 255)
    """


def test_a_forked_child_is_told_and_does_not_crash() -> None:
    with KafkaBroker() as broker:
        broker.create_topic("forked", partitions=1)
        program = textwrap.dedent(_PROGRAM).format(servers=broker.bootstrap_servers)
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    assert b"were lost" not in done.stderr
