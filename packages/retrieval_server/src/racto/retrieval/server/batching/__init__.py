"""Batching: many callers, one engine call, each with a result or an error of its own."""

from .batcher import Batcher as Batcher, Runner as Runner
from .settings import BatchSettings as BatchSettings
from .stats import BatcherStats as BatcherStats
