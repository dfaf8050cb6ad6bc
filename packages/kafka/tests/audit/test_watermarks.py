"""The watermark outlives the process; a damaged one is none, and no wrong one."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from racto.kafka.audit.watermarks import NAME, Watermark


def test_it_is_read_again(tmp_path: Path) -> None:
    mark = Watermark(tmp_path)
    assert (mark.segment, mark.offset) == (0, 0)
    mark.move(3, 400)
    mark.save()
    mark.move(3, 500)
    mark.save()
    assert (Watermark(tmp_path).offset, mark.offset) == (400, 500)
    mark.save(at_once=True)
    assert (Watermark(tmp_path).segment, Watermark(tmp_path).offset) == (3, 500)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=60))
def test_nonsense_counts_as_none(tmp_path: Path, data: bytes) -> None:
    (tmp_path / NAME).write_bytes(data)
    mark = Watermark(tmp_path)
    assert (mark.segment, mark.offset) == (0, 0)
