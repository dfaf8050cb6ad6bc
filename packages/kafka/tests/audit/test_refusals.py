"""Refused events are kept for a person, up to a limit."""

from __future__ import annotations

import json
from pathlib import Path

from racto.kafka.audit.backlogs import Parcel
from racto.kafka.audit.refusals import NAME, Refusals


def test_refused_events_are_kept_up_to_a_limit(tmp_path: Path) -> None:
    refusals = Refusals(tmp_path, most=150)
    assert refusals.add(Parcel(1, 1, b"ann", b'{"prompt":"x"}'), "too large")
    assert not refusals.add(Parcel(1, 2, b"ann", b"y" * 150), "too large")
    (line,) = (tmp_path / NAME).read_text().splitlines()
    assert json.loads(line) == {"reason": "too large", "key": "ann", "value": '{"prompt":"x"}'}
