"""What an earlier process had left is counted before anything is delivered."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from racto.kafka.audit.frames import framed
from racto.kafka.audit.recovery import AuditRecovery, recovered
from racto.kafka.audit.watermarks import Watermark


def test_an_empty_directory(tmp_path: Path) -> None:
    assert recovered(tmp_path, Watermark(tmp_path)) == ([], AuditRecovery())


def test_everything_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    frame = framed(b"k", b"v" * 20)
    (tmp_path / "000000000001.spill").write_bytes(frame)
    (tmp_path / "000000000002.spill").write_bytes(frame * 3 + b"nonsense" + frame)
    (tmp_path / "000000000003.spill").write_bytes(frame[:-1])
    (tmp_path / "000000000004.spill").write_bytes(b"")
    mark = Watermark(tmp_path)
    mark.move(2, len(frame))
    with caplog.at_level(logging.WARNING, "racto.kafka.audit"):
        kept, summary = recovered(tmp_path, mark)
    assert [(segment.number, segment.left) for segment in kept] == [(2, 3)]
    assert summary == AuditRecovery(
        events=3,
        torn_bytes=len(frame) - 1,
        damaged_bytes=8,
        damaged_files=("000000000002.spill",),
    )
    assert f"8 bytes from byte {3 * len(frame)} on are damaged" in caplog.text
    assert "3 audit events of an earlier process wait" in caplog.text
    for segment in kept:
        segment.close()
