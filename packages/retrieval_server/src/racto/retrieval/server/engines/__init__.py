"""Engines: where they run, and those that need no model."""

from .fusion import RRF as RRF, MaxP as MaxP, ScoreFusion as ScoreFusion
from .hosts import EngineHost as EngineHost, host_of as host_of
