"""The ledger: each file in one state, no file with two senders, and damaged files refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from racto.celery.folders import FoundFile
from racto.celery.ledger import Ledger, LedgerEntry
from racto.core.errors import ConfigurationError

STALE = {"stale_s": 60.0, "lost_s": 60.0}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """A new ledger."""
    return Ledger(tmp_path / "ledger")


def _meet(ledger: Ledger, *names: str, stamp: str = "1:1", walk: int = 1) -> None:
    ledger.meet([FoundFile(path=f"/docs/{n}", stamp=stamp) for n in names], walk=walk, extra="x")


def _send(ledger: Ledger, most: int = 99) -> list[LedgerEntry]:
    claimed = ledger.claim(most, **STALE)
    sent = [
        LedgerEntry(path=e.path, stamp=e.stamp, attempt=e.attempt, task_id=f"{e.path}!{e.attempt}")
        for e in claimed
    ]
    ledger.sent(sent)
    return sent


def test_two_senders_share_the_files(ledger: Ledger) -> None:
    _meet(ledger, "a", "b", "c")
    other = Ledger(ledger.path)
    one, two = ledger.claim(2, **STALE), other.claim(9, **STALE)
    assert sorted(entry.path for entry in [*one, *two]) == ["/docs/a", "/docs/b", "/docs/c"]
    assert other.salt == ledger.salt


def test_states_from_waiting_to_the_end(ledger: Ledger) -> None:
    _meet(ledger, "a", "b")
    sent = _send(ledger)
    assert [entry.task_id for entry in ledger.running()] == ["/docs/a!0", "/docs/b!0"]
    ledger.done([(sent[0].task_id, 7)])
    ledger.failed([(sent[1].task_id, "broken")])
    assert ledger.counts() == {"done": 1, "failed": 1, "chunks": 7}
    assert [(e.path, e.error) for e in ledger.failures(9)] == [("/docs/b", "broken")]
    _meet(ledger, "a", "b", walk=2)
    assert ledger.claim(9, **STALE) == []
    ledger.revive_failed()
    assert [(e.path, e.attempt) for e in ledger.claim(9, **STALE)] == [("/docs/b", 1)]


def test_changed_file_is_sent_again_and_the_old_task_says_nothing_more(ledger: Ledger) -> None:
    _meet(ledger, "a")
    (old,) = _send(ledger)
    _meet(ledger, "a", stamp="2:2", walk=2)
    ledger.done([(old.task_id, 3)])
    assert ledger.counts() == {"waiting": 1, "chunks": 0}


def test_file_that_is_put_back_as_it_was_is_another_task(ledger: Ledger) -> None:
    tasks = []
    for walk, stamp in enumerate(["1:1", "2:2", "1:1"], 1):
        _meet(ledger, "a", stamp=stamp, walk=walk)
        (entry,) = _send(ledger)
        ledger.done([(entry.task_id, 1)])
        tasks.append((entry.stamp, entry.attempt))
    assert len(set(tasks)) == 3


def test_sender_that_died_is_taken_over(ledger: Ledger) -> None:
    _meet(ledger, "a")
    assert len(ledger.claim(9, **STALE)) == 1
    assert ledger.claim(9, **STALE) == []
    assert len(ledger.claim(9, stale_s=-1.0, lost_s=60.0)) == 1


def test_task_that_was_never_heard_of_is_sent_again(ledger: Ledger) -> None:
    _meet(ledger, "a")
    (first,) = _send(ledger)
    (again,) = ledger.claim(9, stale_s=60.0, lost_s=-1.0)
    # The same attempt, and so the same task.
    assert (again.path, again.attempt) == (first.path, first.attempt)


def test_unsent_files_wait_again(ledger: Ledger) -> None:
    _meet(ledger, "a", "b")
    claimed = ledger.claim(9, **STALE)
    ledger.sent([LedgerEntry(path=claimed[0].path, stamp=claimed[0].stamp, task_id="t")])
    ledger.unsent(claimed)
    assert ledger.counts() == {"sent": 1, "waiting": 1, "chunks": 0}


def test_gone_files_are_those_below_the_folder_only(ledger: Ledger) -> None:
    _meet(ledger, "a", "b")
    ledger.meet([FoundFile(path="/docs2/c", stamp="1:1")], walk=1, extra="x")
    _meet(ledger, "a", walk=2)
    ledger.leave(Path("/docs"), 2)
    assert ledger.gone(9) == ["/docs/b"]
    _meet(ledger, "b", walk=3)
    assert ledger.gone(9) == []


@settings(max_examples=25)
@given(st.binary(min_size=1, max_size=20).filter(lambda b: b"\0" not in b))
def test_names_of_any_bytes(name: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger")
        path = os.fsdecode(b"/docs/" + name)
        ledger.meet([FoundFile(path=path, stamp="1:1")], walk=1, extra="x")
        assert [entry.path for entry in ledger.claim(9, **STALE)] == [path]


@pytest.mark.parametrize("content", [b"no database at all, just some words" * 40, b""])
def test_other_files_are_refused_or_filled(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    if content:
        with pytest.raises(ConfigurationError, match="is no ledger"):
            Ledger(path)
        assert path.read_bytes() == content
    else:
        assert Ledger(path).counts() == {"chunks": 0}


def test_other_databases_and_versions_are_refused(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(tmp_path / "other")) as db:
        db.execute("CREATE TABLE users (name TEXT)")
    with pytest.raises(ConfigurationError, match="no ledger of racto-celery"):
        Ledger(tmp_path / "other")
    Ledger(tmp_path / "new")
    with closing(sqlite3.connect(tmp_path / "new")) as db, db:
        db.execute("UPDATE ledger SET version = 9")
    with pytest.raises(ConfigurationError, match="version 9, known is 1"):
        Ledger(tmp_path / "new")
    with pytest.raises(ConfigurationError, match="no folder"):
        Ledger(tmp_path / "missing" / "ledger")
