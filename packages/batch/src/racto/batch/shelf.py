"""The shelf: everything that one processor keeps on disk, the ledger and a folder for each job."""

from __future__ import annotations

import re
import secrets
import shutil
from pathlib import Path

from racto.core.errors import JobError

from .folders import Claim, private_folder, state_folder
from .ledger import JobRecord, Ledger
from .manifest import Manifest

_TAG = re.compile(r"racto_[0-9a-f]{24}")


class Shelf:
    """State on disk, opened when it is first needed.

    Args:
        folder: The folder; the user's own for state when None.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._given = folder
        self._folder: Path | None = None
        self._ledger: Ledger | None = None

    @property
    def folder(self) -> Path:
        """The folder of all state."""
        # Late: importing or making a processor touches no disk.
        if self._folder is None:
            self._folder = state_folder(self._given)
        return self._folder

    @property
    def ledger(self) -> Ledger:
        """All jobs, and where they stand."""
        if self._ledger is None:
            self._ledger = Ledger(self.folder)
        return self._ledger

    def new_tag(self) -> str:
        """An id that no other job has, on any machine."""
        return f"racto_{secrets.token_hex(12)}"

    def job_folder(self, tag: str) -> Path:
        """The folder of a job; made when it is missing."""
        # Made first, or it would get the permissions of the process.
        private_folder(self.folder / "jobs")
        return private_folder(self._place(tag))

    def results_folder(self, tag: str, number: int) -> Path:
        """The folder of a part's result files; made when it is missing."""
        return private_folder(self.job_folder(tag) / f"results-{number:04d}")

    def manifest(self, tag: str) -> Manifest:
        """The items of a job."""
        return Manifest(self.job_folder(tag) / "items.sqlite3")

    def claim(self, tag: str) -> Claim:
        """Keep other processes from submitting a job.

        Raises:
            JobError: If another one is doing so.
        """
        return Claim(self.job_folder(tag))

    def discard(self, tag: str) -> None:
        """Forget a job and remove its files."""
        # In this order: files without a job are rubbish, a job without its files a riddle.
        self.ledger.removed(tag)
        shutil.rmtree(self._place(tag), ignore_errors=True)

    def clear_results(self, job: JobRecord) -> None:
        """Remove result files whose lines the manifest has taken in."""
        for part in job.parts:
            # The manifest has their lines; on the disk they would stand twice.
            folder = self._place(job.tag) / f"results-{part.number:04d}"
            shutil.rmtree(folder, ignore_errors=True)

    def _place(self, tag: str) -> Path:
        # A ledger that somebody else wrote must not name a folder outside.
        if _TAG.fullmatch(tag) is None:
            raise JobError(f"the ledger of {self.folder} names a job {tag!r:.80}, which is no id")
        return self.folder / "jobs" / tag
