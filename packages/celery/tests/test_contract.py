"""The job queue keeps racto's contract, with real workers on a real Redis."""

from __future__ import annotations

import pytest

from racto.celery import CeleryJobQueue
from racto.core.testing import JobQueueContract

from .harness.premises import Site

# Celery's own way of writing to the newest Redis client.
pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated setex:DeprecationWarning")


class TestCeleryJobQueue(JobQueueContract):
    @pytest.fixture
    def queue(self, site: Site) -> CeleryJobQueue:
        made: CeleryJobQueue = site.depot.jobs
        return made
