"""What a processor needs of a provider: uploads, jobs and result files, without any item's meaning."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.flows import Flow
from racto.core.requests import EncodedRequest

from .jobs import NO_COUNTS, BatchStatus, RequestCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """What one job of a provider may hold at most.

    Attributes:
        requests: Requests.
        bytes: Bytes of the whole upload, line breaks and frame included.
        line_bytes: Bytes of one line of the upload.
        id_pattern: Regular expression that a whole custom id must match.
        id_length: Characters of a custom id.
        frame_bytes: Bytes that the upload has beside its lines and one byte between two of them.
    """

    requests: int
    bytes: int
    line_bytes: int
    # Control characters break lines of JSON in some servers' logs.
    id_pattern: str = r"[^\x00-\x1f\x7f]+"
    id_length: int = 64
    frame_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOrder:
    """What a new job is to be, beside its lines.

    Attributes:
        path: Path of all its requests below the provider's base URL.
        model: Model of its requests; of the first, where a job may mix them.
        count: Its requests.
        headers: Headers that its requests need, joined over all of them.
        tag: Our id of the job, letters, digits, ``-`` and ``_``, at most 64; sent along where the
            provider has a place for it, so that a job whose creation was not answered is found.
        window: Time that the provider may take, for example ``24h``; None for its own.
        label: What people call the job; may be empty.
    """

    path: str
    model: str
    count: int
    tag: str
    headers: Mapping[str, str] = field(default_factory=dict)
    # Only one provider lets the caller choose, and takes a single value.
    window: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteJob:
    """A job as the provider describes it.

    Attributes:
        job_id: The provider's id.
        status: Where it stands.
        created_at: Unix time in seconds; 0.0 when the provider does not tell.
        counts: How many requests stand where, as far as the provider tells.
        errors: Why the whole job failed, one text each.
        outputs: What :meth:`BatchHost.fetch` downloads: file ids, names or addresses.
        tag: The tag that it was ordered with, when the provider keeps it.
        raw: The provider's JSON object.
    """

    job_id: str
    status: BatchStatus
    created_at: float = 0.0
    counts: RequestCounts = NO_COUNTS
    errors: tuple[str, ...] = ()
    # Texts, whatever a provider names its files by: ids, names or addresses.
    outputs: tuple[str, ...] = ()
    tag: str = ""
    raw: Any = field(default=None, repr=False)


class Fate(StrEnum):
    """How one request of a job ended, in the provider's files."""

    ANSWERED = "answered"
    REFUSED = "refused"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One line of a result file.

    Attributes:
        fate: How the request ended; ``malformed`` for a line that cannot be read.
        custom_id: Whose line it is; None when that cannot be read.
        body: The reply's JSON, or the error's JSON as the provider would send it with a refusal.
        status: HTTP status of a refusal, when the file tells.
        request_id: The provider's id of the request.
        problem: What is wrong with a malformed line, with its file and number.
    """

    fate: Fate
    custom_id: str | None = None
    # Bytes and no data: the codec reads them once, when the result is asked for.
    body: bytes = b""
    # Some providers tell the kind of an error by its words alone.
    status: int | None = None
    request_id: str | None = None
    problem: str = ""


class BatchHost(Protocol):
    """The batch endpoints of one provider.

    Everything that reaches the provider is a flow, whose errors are racto's and name no secret.
    ``deadline`` bounds a call with its retries.
    """

    @property
    def provider(self) -> str:
        """Name of the provider, for example ``openai``."""
        ...

    @property
    def limits(self) -> BatchLimits:
        """What one job may hold."""
        ...

    def lane(self, request: EncodedRequest) -> str:
        """Requests of one lane may share a job: their path, or path and model, or nothing.

        Raises:
            UnsupportedFeatureError: If the provider takes no such request in a job.
        """
        ...

    def weight(self, request: EncodedRequest) -> int:
        """How many of ``limits.requests`` the request takes: 1, or as many as it has texts."""
        ...

    def line(self, custom_id: str, request: EncodedRequest) -> bytes:
        """The request's line of the upload: JSON, without a line break at its end.

        Where a provider takes one text a line, a request of several texts is several lines.
        """
        ...

    def start(
        self, spool: Path, order: JobOrder, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[RemoteJob]:
        """Upload the lines and create the job.

        A job whose creation was answered has the order's tag; one that was only found, without a
        proof that it is the right one, has none.

        Args:
            spool: File of lines, each ended by ``\\n``; read in pieces.
            order: What the job is to be.
            deadline: When to give up.
        """
        ...

    def find(
        self,
        tag: str,
        *,
        count: int,
        since: float,
        known: Collection[str] = (),
        deadline: Deadline = NO_DEADLINE,
    ) -> Flow[RemoteJob | None]:
        """The job that was ordered with this tag, though its creation was not answered.

        Args:
            tag: The order's tag.
            count: Its requests: where a provider keeps no tag, the one unknown job of so many
                requests is taken for it.
            since: Unix time in seconds before which it cannot have been created.
            known: Ids of jobs that belong to other orders.
            deadline: When to give up.

        Raises:
            JobError: If several jobs could be it.
        """
        ...

    def look(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """The job now.

        Raises:
            NotFoundError: If the provider knows no such job.
        """
        ...

    def cancel(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """Ask for the job's end; one that has ended already is returned as it is."""
        ...

    def jobs(self, limit: int, *, deadline: Deadline = NO_DEADLINE) -> Flow[list[RemoteJob]]:
        """The account's latest jobs, newest first."""
        ...

    def fetch(
        self, job: RemoteJob, folder: Path, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[list[Path]]:
        """Download all result files of an ended job, errors included.

        A file is whole once it has its name; what a broken download left is continued or begun
        anew, and a file that is there already is not asked for again.

        Args:
            job: The job as :meth:`look` gave it.
            folder: An existing folder for this job alone.
            deadline: When to give up.
        """
        ...

    def outcomes(self, paths: Sequence[Path]) -> Iterator[Outcome]:
        """Read result files line by line; a line that cannot be read is an outcome too."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        ...
