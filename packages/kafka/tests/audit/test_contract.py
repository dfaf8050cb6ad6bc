"""KafkaAuditLogger keeps racto-core's contract of audit loggers, in memory and on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from racto.core.testing import AuditLoggerContract
from racto.kafka import KafkaAuditLogger, KafkaProducerClient

from .conftest import Read


class _Contract:
    @pytest.fixture(autouse=True)
    def _place(self, topic: str, read: Read) -> None:
        self.topic, self.read = topic, read

    def records(self, audit: Any) -> Sequence[Mapping[str, Any]]:
        return self.read(self.topic)


class TestInMemory(_Contract, AuditLoggerContract):
    """Without a spill."""

    @pytest.fixture
    def audit(self, producer: KafkaProducerClient, topic: str) -> Iterator[KafkaAuditLogger]:
        with KafkaAuditLogger(producer, topic=topic) as audit:
            yield audit


class TestOnDisk(_Contract, AuditLoggerContract):
    """With a spill and a chain."""

    @pytest.fixture
    def audit(
        self, producer: KafkaProducerClient, topic: str, tmp_path: Path
    ) -> Iterator[KafkaAuditLogger]:
        with KafkaAuditLogger(producer, topic=topic, spill=tmp_path / "s", chain=True) as audit:
            yield audit
