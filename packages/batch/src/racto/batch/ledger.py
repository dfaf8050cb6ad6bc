"""The ledger: which jobs there are and where their parts stand, in SQLite, for several processes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from sqlite3 import Connection, Row

import orjson

from racto.core.secrets import redact

from .databases import prepare, transaction
from .hosts import JobOrder, RemoteJob
from .jobs import NO_COUNTS, BatchStatus, RequestCounts
from .spooling import Part

FILE = "jobs.sqlite3"

_VERSION = 1
_SCHEMA = """
CREATE TABLE jobs (
    tag TEXT PRIMARY KEY, provider TEXT NOT NULL, site TEXT NOT NULL, label TEXT NOT NULL,
    model TEXT NOT NULL, time_limit TEXT, created REAL NOT NULL, count INTEGER NOT NULL,
    stage TEXT NOT NULL, origin TEXT NOT NULL, is_foreign INTEGER NOT NULL
);
CREATE TABLE parts (
    tag TEXT NOT NULL, number INTEGER NOT NULL, lane TEXT NOT NULL, path TEXT NOT NULL,
    model TEXT NOT NULL, count INTEGER NOT NULL, headers TEXT NOT NULL, started REAL,
    remote_id TEXT, is_adopted INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL, counts TEXT,
    PRIMARY KEY (tag, number)
);
CREATE INDEX by_remote_id ON parts (remote_id);
CREATE TABLE strangers (remote_id TEXT PRIMARY KEY);
"""
# Columns under the names of the fields of records.
_JOBS = (
    "SELECT tag, provider, site, label, model, time_limit AS window, created AS created_at, count, "
    "stage, origin, is_foreign FROM jobs WHERE "
)
_PARTS = (
    "SELECT number, lane, path, model, count, headers, started, remote_id, is_adopted, status, "
    "counts FROM parts WHERE tag = ? ORDER BY number"
)


class Stage(StrEnum):
    """How far this side is with a job.

    ``writing`` its lines into files, ``submitting`` them, ``submitted`` all of them, and
    ``collected`` all results.
    """

    WRITING = "writing"
    SUBMITTING = "submitting"
    SUBMITTED = "submitted"
    COLLECTED = "collected"


@dataclass(frozen=True, slots=True, kw_only=True)
class PartRecord:
    """One part of a job.

    Attributes:
        number: Its number within the job, from 0.
        lane: What its requests have in common.
        path: Path of its first request.
        model: Model of its first request.
        count: Its items.
        headers: Headers that its requests need; no credentials among them.
        started: When its submission began, Unix time in seconds; None before that.
        remote_id: The provider's id; None before its creation was answered.
        is_adopted: Whether it was found at the provider, and may be somebody else's.
        status: Where it stood when it was last looked at.
        counts: How many requests stood where.
    """

    number: int
    lane: str
    path: str
    model: str
    count: int
    headers: Mapping[str, str] = field(default_factory=dict)
    started: float | None = None
    remote_id: str | None = None
    is_adopted: bool = False
    status: BatchStatus = BatchStatus.PENDING
    counts: RequestCounts = NO_COUNTS


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """A job as it is kept.

    Attributes:
        tag: racto's own id.
        provider: Who works on it.
        site: Base URL that was asked; empty for the provider's own.
        label: What people call it.
        model: Model of items that name none.
        window: Time that the provider may take.
        created_at: Unix time in seconds.
        count: Its items.
        stage: How far this side is with it.
        origin: Tag of the job whose failed items these are; empty for others.
        is_foreign: Whether it was not submitted from here, so that its items are not known.
        parts: Its parts.
    """

    tag: str
    provider: str
    site: str = ""
    label: str = ""
    model: str = ""
    window: str | None = None
    created_at: float = 0.0
    count: int = 0
    stage: Stage = Stage.WRITING
    origin: str = ""
    is_foreign: bool = False
    parts: tuple[PartRecord, ...] = ()

    @property
    def job_id(self) -> str:
        """The id that callers know: the provider's, when the job has one part."""
        if len(self.parts) == 1 and self.parts[0].remote_id:
            return self.parts[0].remote_id
        return self.tag

    def order(self, part: PartRecord) -> JobOrder:
        """What the provider is told of a part."""
        return JobOrder(
            path=part.path,
            model=part.model,
            count=part.count,
            tag=f"{self.tag}-{part.number}",
            headers=part.headers,
            window=self.window,
            label=self.label,
        )


class Ledger:
    """Keeps the jobs of all providers; each change is a transaction of its own.

    Args:
        folder: The folder of all state.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        prepare(self._path, _SCHEMA, name="ledger", version=_VERSION)

    def begin(self, job: JobRecord) -> None:
        """Keep a new job, before anything else is done for it."""
        row = (
            job.tag,
            job.provider,
            redact(job.site),
            job.label,
            job.model,
            job.window,
            job.created_at,
            job.count,
            job.stage,
            job.origin,
            job.is_foreign,
        )
        with transaction(self._path) as db:
            db.execute("INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            for part in job.parts:
                _put(db, job.tag, part)

    def written(self, tag: str, count: int, parts: Sequence[Part]) -> None:
        """Note that all lines are in files, and may be submitted."""
        with transaction(self._path) as db:
            db.execute(
                "UPDATE jobs SET stage = ?, count = ? WHERE tag = ?", (Stage.SUBMITTING, count, tag)
            )
            for part in parts:
                kept = PartRecord(
                    number=part.number,
                    lane=part.lane,
                    path=part.path,
                    model=part.model,
                    count=part.count,
                    headers=part.headers,
                )
                _put(db, tag, kept)

    def started(self, tag: str, number: int, when: float) -> None:
        """Note that a part is about to be submitted."""
        self._write(
            # The first try counts: a job cannot be older than that.
            "UPDATE parts SET started = COALESCE(started, ?) WHERE tag = ? AND number = ?",
            (when, tag, number),
        )

    def sent(self, tag: str, number: int, remote: RemoteJob, *, is_adopted: bool = False) -> None:
        """Note the provider's answer to a part's creation, or that it was found there."""
        self._write(
            "UPDATE parts SET remote_id = ?, is_adopted = ?, status = ?, counts = ? "
            "WHERE tag = ? AND number = ?",
            (
                remote.job_id,
                is_adopted,
                remote.status,
                remote.counts.model_dump_json(),
                tag,
                number,
            ),
        )

    def seen(self, remote: RemoteJob) -> None:
        """Note where a part stands."""
        self._write(
            "UPDATE parts SET status = ?, counts = ? WHERE remote_id = ?",
            (remote.status, remote.counts.model_dump_json(), remote.job_id),
        )

    def dropped(self, tag: str, number: int) -> None:
        """Note that a part is not to be submitted any more."""
        self._write(
            # A part that another process has submitted meanwhile goes on.
            "UPDATE parts SET status = ? WHERE tag = ? AND number = ? AND remote_id IS NULL",
            (BatchStatus.CANCELLED, tag, number),
        )

    def disowned(self, tag: str, number: int, remote_id: str) -> None:
        """Note that a job which was taken for a part is somebody else's."""
        with transaction(self._path) as db:
            # Or the next search would find the same job again.
            db.execute("INSERT OR IGNORE INTO strangers VALUES (?)", (remote_id,))
            db.execute(
                "UPDATE parts SET remote_id = NULL, is_adopted = 0, status = ?, counts = NULL "
                "WHERE tag = ? AND number = ?",
                (BatchStatus.PENDING, tag, number),
            )
            db.execute("UPDATE jobs SET stage = ? WHERE tag = ?", (Stage.SUBMITTING, tag))

    def staged(self, tag: str, stage: Stage, *, count: int | None = None) -> None:
        """Note how far this side is with a job, and how many items it has turned out to have."""
        self._write(
            "UPDATE jobs SET stage = ?, count = COALESCE(?, count) WHERE tag = ?",
            (stage, count, tag),
        )

    def removed(self, tag: str) -> None:
        """Forget a job."""
        with transaction(self._path) as db:
            # Both or none: a part without its job could never be removed.
            db.execute("DELETE FROM parts WHERE tag = ?", (tag,))
            db.execute("DELETE FROM jobs WHERE tag = ?", (tag,))

    def find(self, job_id: str, provider: str | None = None) -> JobRecord | None:
        """The job of an id, racto's own or a provider's for one of its parts."""
        where = "(tag = ? OR tag IN (SELECT tag FROM parts WHERE remote_id = ?))"
        given = [job_id, job_id]
        if provider is not None:
            where, given = f"{where} AND provider = ?", [*given, provider]
        return next(iter(self._jobs(f"{where} ORDER BY created DESC LIMIT 1", given)), None)

    def open(self, provider: str, site: str) -> list[JobRecord]:
        """Jobs whose results were not collected, oldest first."""
        where = "provider = ? AND site = ? AND stage != ? ORDER BY created"
        return self._jobs(where, [provider, redact(site), Stage.COLLECTED])

    def known_ids(self, provider: str) -> set[str]:
        """The provider's ids of all parts, and of jobs that are known to be somebody else's."""
        with transaction(self._path, writes=False) as db:
            rows = db.execute(
                "SELECT remote_id FROM parts JOIN jobs USING (tag) WHERE provider = ? AND "
                "remote_id IS NOT NULL UNION SELECT remote_id FROM strangers",
                (provider,),
            ).fetchall()
        return {remote_id for (remote_id,) in rows}

    def _jobs(self, where: str, given: Sequence[str]) -> list[JobRecord]:
        with transaction(self._path, writes=False) as db:
            db.row_factory = Row
            rows = db.execute(_JOBS + where, given).fetchall()
            return [_job(row, db.execute(_PARTS, (row["tag"],)).fetchall()) for row in rows]

    def _write(self, statement: str, given: tuple[object, ...]) -> None:
        with transaction(self._path) as db:
            db.execute(statement, given)


def _put(db: Connection, tag: str, part: PartRecord) -> None:
    row = (
        tag,
        part.number,
        part.lane,
        part.path,
        part.model,
        part.count,
        orjson.dumps(dict(part.headers)).decode(),
        part.started,
        part.remote_id,
        part.is_adopted,
        part.status,
        part.counts.model_dump_json(),
    )
    db.execute("INSERT INTO parts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)


def _job(row: Row, parts: Sequence[Row]) -> JobRecord:
    fields = dict(row)
    fields |= {"stage": Stage(fields["stage"]), "is_foreign": bool(fields["is_foreign"])}
    return JobRecord(**fields, parts=tuple(map(_part, parts)))


def _part(row: Row) -> PartRecord:
    fields = dict(row)
    fields |= {
        "headers": orjson.loads(fields["headers"]),
        "is_adopted": bool(fields["is_adopted"]),
        "status": BatchStatus(fields["status"]),
        "counts": RequestCounts.model_validate_json(fields["counts"] or "{}"),
    }
    return PartRecord(**fields)
