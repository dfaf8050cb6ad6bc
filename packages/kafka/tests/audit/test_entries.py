"""Files are read line by line, and filters choose by user and time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from racto.core.errors import ReadError
from racto.kafka.audit.entries import AuditEntry, AuditFilter, entries_of

MARCH = {"user_id": "ann", "timestamp_utc": "2026-03-01T12:00:00.000001+00:00"}


def test_lines_end_at_newlines_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"prompt":"a\u2028b"}\r\n\n{"prompt":"c"}'.encode())
    found = list(entries_of([path]))
    assert [entry.fields() for entry in found] == [{"prompt": "a\u2028b"}, {"prompt": "c"}]
    assert found[1].place == f"{path}, line 3"


def test_what_is_no_event_has_no_fields() -> None:
    for value in (b"", b"[1]", b"nonsense", b"[" * 100_000):
        assert AuditEntry("t", 0, 0, None, value).fields() is None


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ReadError, match=r"gone\.jsonl cannot be read: No such file"):
        list(entries_of([tmp_path / "gone.jsonl"]))


def test_filters_choose_by_user_and_time() -> None:
    def at(month: int) -> datetime:
        return datetime(2026, month, 1, tzinfo=UTC)

    assert AuditFilter().wants(None)
    assert AuditFilter(["ann"]).wants(MARCH)
    assert not AuditFilter(["bob"]).wants(MARCH)
    strangers: list[object] = [[], {}, None, 5, "annabel"]
    for user in strangers:
        # Anybody may write into a topic, and nothing of it may end the command.
        assert not AuditFilter(["ann"]).wants({**MARCH, "user_id": user})
    assert AuditFilter(since=at(3), until=at(4)).wants(MARCH)
    assert not AuditFilter(since=at(4)).wants(MARCH)
    assert not AuditFilter(until=at(3)).wants(MARCH)
    assert not AuditFilter(since=at(1)).wants({"timestamp_utc": "yesterday"})
    assert AuditFilter(since=at(3)).wants({"timestamp_utc": "2026-03-02T00:00:00"})
