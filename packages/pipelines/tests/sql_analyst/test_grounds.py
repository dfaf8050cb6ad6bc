"""Grounds: databases are kept open for the next run, and those of others are never closed."""

from __future__ import annotations

from pathlib import Path

import pytest

from racto.core.flows import run
from racto.pipelines.sql_analyst.database import Database
from racto.pipelines.sql_analyst.grounds import Connection, DatabaseShelf


def test_a_database_that_was_handed_in_is_not_closed_to_make_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[Database] = []
    close = Database.close

    def noted(database: Database) -> None:
        closed.append(database)
        close(database)

    monkeypatch.setattr(Database, "close", noted)
    shelf = DatabaseShelf(ttl_s=1)
    mine = Database(f"sqlite:///{tmp_path}/mine.db")
    assert run(shelf.database(Connection(engine=mine))) is mine
    others = [
        run(shelf.database(Connection(connection_string=f"sqlite:///{tmp_path}/{n}.db")))
        for n in range(20)
    ]
    assert mine not in closed
    # Those that it opened itself are closed, the oldest first.
    assert closed == others[: len(closed)]
    assert closed
    run(shelf.close())
    assert mine not in closed
    mine.close()
