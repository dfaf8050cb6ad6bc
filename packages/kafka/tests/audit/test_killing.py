"""A process that is killed loses no event for which ``log`` had returned."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from racto.kafka import KafkaAuditLogger
from racto.testing.kafka import KafkaBroker

from .conftest import MakeProducer, reader_of

_CHILD = """
import sys
from racto.kafka import KafkaAuditLogger, KafkaProducerClient, KafkaProducerConfig
servers, directory = sys.argv[1:]
config = KafkaProducerConfig(bootstrap_servers=servers, linger_ms=0)
audit = KafkaAuditLogger(
    KafkaProducerClient(config=config), topic="audit", spill=directory, chain=True
)
print("go", flush=True)
number = 0
while True:
    audit.log(user_id=f"u{number % 3}", model="m", prompt=str(number), response="r" * 50)
    print(number, flush=True)
    number += 1
"""


def test_killed_between_buffer_spill_and_broker(
    own_broker: KafkaBroker, make_producer: MakeProducer, tmp_path: Path
) -> None:
    own_broker.create_topic("audit")
    command = [sys.executable, "-c", _CHILD, own_broker.bootstrap_servers, str(tmp_path / "s")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "go\n"
        for _ in range(300):
            child.stdout.readline()
        # From here on nothing is delivered, and all of it waits on disk.
        own_broker.stop()
        for _ in range(300):
            child.stdout.readline()
        child.kill()
        told = child.stdout.read().split("\n")
    last = max(int(line) for line in told[:-1]) if len(told) > 1 else 599
    own_broker.start()
    with KafkaAuditLogger(
        make_producer(own_broker), topic="audit", spill=tmp_path / "s", chain=True
    ) as audit:
        assert audit.recovery.events > 0
        assert audit.recovery.damaged_bytes == 0
        assert audit.flush(30) == 0
    events = reader_of(own_broker)("audit")
    numbers = {int(event["prompt"]) for event in events}
    assert set(range(last + 1)) <= numbers
    assert numbers == set(range(max(numbers) + 1))
    # What was delivered and not noted comes twice, with the same id.
    assert len({event["event_id"] for event in events}) == len(numbers)
