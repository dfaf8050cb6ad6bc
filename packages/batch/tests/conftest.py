"""A provider in this process, and a processor on it whose state is the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.batch.processor import HostedBatchProcessor

from .harness.codecs import ChatCodec
from .harness.depot import Depot, DepotHost


@pytest.fixture
def depot() -> Depot:
    return Depot()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def host(depot: Depot) -> DepotHost:
    return DepotHost(depot)


@pytest.fixture
def processor(host: DepotHost, state: Path) -> HostedBatchProcessor:
    return HostedBatchProcessor(ChatCodec(), host, state=state)
