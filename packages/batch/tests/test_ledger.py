"""The ledger: jobs and parts come back as they were put in, for any process."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from racto.batch.hosts import RemoteJob
from racto.batch.jobs import BatchStatus, RequestCounts
from racto.batch.ledger import JobRecord, Ledger, PartRecord, Stage
from racto.batch.spooling import Part
from racto.core import JobError

JOB = JobRecord(tag="t1", provider="openai", site="https://host/v1", label="l", created_at=5.0)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    ledger = Ledger(tmp_path)
    ledger.begin(JOB)
    return ledger


def written(ledger: Ledger, parts: int = 2) -> None:
    made = [
        Part(number=number, lane="x", path="/p", model="m", count=3, headers={"beta": "a"})
        for number in range(parts)
    ]
    ledger.written("t1", 3 * parts, made)


def remote(number: int, status: BatchStatus = BatchStatus.PENDING) -> RemoteJob:
    return RemoteJob(job_id=f"job-{number}", status=status, counts=RequestCounts(total=3))


def test_a_job_comes_back_as_it_was(ledger: Ledger) -> None:
    assert ledger.find("t1") == JOB
    written(ledger)
    found = ledger.find("t1")
    assert found is not None
    assert (found.stage, found.count) == (Stage.SUBMITTING, 6)
    assert found.parts[1] == PartRecord(
        number=1, lane="x", path="/p", model="m", count=3, headers={"beta": "a"}
    )


def test_one_part_lends_its_id_and_several_have_ours(ledger: Ledger) -> None:
    written(ledger, parts=1)
    ledger.sent("t1", 0, remote(0))
    assert [found.job_id for found in ledger.open("openai", JOB.site)] == ["job-0"]
    two = replace(JOB, tag="t2", parts=(PartRecord(number=0, lane="", path="", model="", count=1,
                                                   remote_id="j8"),
                                        PartRecord(number=1, lane="", path="", model="", count=1,
                                                   remote_id="j9")))  # fmt: skip
    ledger.begin(two)
    found = ledger.find("j9")
    assert found is not None
    assert found.job_id == "t2"


def test_jobs_are_found_by_provider_site_and_stage(ledger: Ledger) -> None:
    assert ledger.find("t1", "anthropic") is None
    assert ledger.open("openai", "https://elsewhere") == []
    ledger.staged("t1", Stage.COLLECTED)
    assert ledger.open("openai", JOB.site) == []
    ledger.removed("t1")
    assert ledger.find("t1") is None


def test_a_start_is_noted_once(ledger: Ledger) -> None:
    written(ledger)
    ledger.started("t1", 0, 10.0)
    ledger.started("t1", 0, 20.0)
    found = ledger.find("t1")
    assert found is not None
    assert [part.started for part in found.parts] == [10.0, None]


def test_looks_are_kept(ledger: Ledger) -> None:
    written(ledger)
    ledger.sent("t1", 0, remote(0))
    ledger.seen(remote(0, BatchStatus.EXPIRED))
    found = ledger.find("job-0")
    assert found is not None
    assert found.parts[0].status is BatchStatus.EXPIRED
    assert found.parts[0].counts.total == 3


def test_what_is_not_to_be_submitted_is_cancelled_and_what_was_sent_is_not(ledger: Ledger) -> None:
    written(ledger)
    ledger.sent("t1", 0, remote(0))
    ledger.dropped("t1", 0)
    ledger.dropped("t1", 1)
    found = ledger.find("t1")
    assert found is not None
    assert [part.status for part in found.parts] == [BatchStatus.PENDING, BatchStatus.CANCELLED]


def test_a_job_that_is_somebody_elses_stays_known(ledger: Ledger) -> None:
    written(ledger)
    ledger.sent("t1", 0, remote(0), is_adopted=True)
    ledger.sent("t1", 1, remote(1))
    ledger.disowned("t1", 0, "job-0")
    assert ledger.known_ids("openai") == {"job-0", "job-1"}
    found = ledger.find("t1")
    assert found is not None
    assert (found.parts[0].remote_id, found.stage) == (None, Stage.SUBMITTING)


def test_no_password_of_a_url_is_kept(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.begin(replace(JOB, site="https://me:hunter2@host/v1"))
    assert b"hunter2" not in (tmp_path / "jobs.sqlite3").read_bytes()
    assert len(ledger.open("openai", "https://me:hunter2@host/v1")) == 1


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    Ledger(tmp_path)
    code = (
        "import sys; from pathlib import Path; from racto.batch.ledger import JobRecord, Ledger\n"
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "for n in range(30): ledger.begin(JobRecord(tag=f'{sys.argv[2]}-{n}', provider='p'))"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), name]) for name in "ab"]
    assert [each.wait(60) for each in running] == [0, 0]
    assert len(Ledger(tmp_path).open("p", "")) == 60


def test_a_busy_file_says_so(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    (tmp_path / "jobs.sqlite3").unlink()
    (tmp_path / "jobs.sqlite3").mkdir()
    with pytest.raises(JobError, match=r"jobs\.sqlite3"):
        ledger.find("t1")
