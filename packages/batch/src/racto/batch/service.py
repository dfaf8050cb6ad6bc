"""The procedures of a processor, each written once for both voices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pydantic import BaseModel

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import JobError, NotFoundError, RactoGatewayError
from racto.core.flows import Flow
from racto.core.prompts import RactoPrompt
from racto.core.protocols.codecs import RequestCodec

from .collection import Collection as ResultCollection, unsent_parts
from .decoding import ResultReader
from .encoding import Item, ItemEncoder
from .hosts import BatchHost, RemoteJob
from .jobs import BatchJobInfo
from .ledger import JobRecord, PartRecord, Stage
from .results import BatchResult, BatchSummary, ItemStatus
from .shelf import Shelf
from .standing import info_of, info_of_remote
from .submission import Submission
from .tallies import Tally
from .threads import offloaded
from .waiting import OnProgress, Pace, waiting


class BatchService:
    """What a processor can do, as flows.

    Args:
        codec: Shapes requests and reads replies.
        host: Carries jobs and files.
        shelf: State on disk.
        provider: Whose API it is; a server that speaks another's API has its name for it.
        site: Base URL that is asked; empty for the provider's own.
    """

    def __init__(
        self, codec: RequestCodec, host: BatchHost, *, shelf: Shelf, provider: str, site: str = ""
    ) -> None:
        self.codec = codec
        self.host = host
        self.shelf = shelf
        self._provider = provider
        self._site = site
        self._submission = Submission(host, shelf, provider=provider, site=site)
        self._collection = ResultCollection(host, shelf, model=codec.model)
        # Classes cannot be kept in a file; their schemas are, and lead back to them.
        self._models: dict[str, type[BaseModel]] = {}

    def submit(
        self,
        items: Iterable[Item],
        *,
        prompt: RactoPrompt | None,
        window: str | None = None,
        label: str = "",
        deadline: Deadline = NO_DEADLINE,
    ) -> Flow[BatchJobInfo]:
        """Check, write, upload and start."""
        encoder = ItemEncoder(self.codec, self.host, prompt=prompt)
        info = yield from self._submission.submit(
            lambda: encoder.encoded(items),
            model=self.codec.model,
            window=window,
            label=label,
            deadline=deadline,
        )
        self._models.update(encoder.models)
        return info

    def poll(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[BatchJobInfo]:
        """The job now."""
        job = yield from self._kept(job_id)
        if job is None:
            remote = yield from self._foreign_look(job_id, deadline)
            return info_of_remote(remote, self._provider)
        remotes = yield from self._collection.looks(job, deadline=deadline)
        return info_of(job, remotes)

    def wait(
        self, job_id: str, *, pace: Pace, deadline: Deadline, on_progress: OnProgress | None = None
    ) -> Flow[BatchJobInfo]:
        """Look at the job until it has ended."""
        job = yield from self._kept(job_id)
        if job is not None and unsent_parts(job) and (yield from offloaded(self._is_left, job)):
            raise JobError(
                f"job {job.job_id} was submitted in part only, and nobody goes on with it; "
                "resume() does, cancel() drops the rest"
            )
        return (
            yield from waiting(
                job_id,
                lambda deadline: self.poll(job_id, deadline=deadline),
                pace=pace,
                deadline=deadline,
                on_progress=on_progress,
            )
        )

    def reader(
        self, job_id: str, *, response_model: type[BaseModel] | None = None
    ) -> Flow[ResultReader]:
        """Collect the results, and open them for reading."""
        job = yield from self._kept(job_id)
        if job is None:
            job = yield from self._taken_in(job_id)
        job = yield from self._collection.collect(job)

        def opened(job: JobRecord) -> ResultReader:
            return ResultReader(
                self.codec,
                self.shelf.manifest(job.tag),
                models=self._models,
                response_model=response_model,
                is_foreign=job.is_foreign,
            )

        return (yield from offloaded(opened, job))

    def results(
        self, job_id: str, *, response_model: type[BaseModel] | None = None
    ) -> Flow[list[BatchResult]]:
        """All results at once."""
        reader = yield from self.reader(job_id, response_model=response_model)

        def whole() -> list[BatchResult]:
            return [result for page in reader.pages() for result in page]

        return (yield from offloaded(whole))

    def summary(
        self, job_id: str, *, response_model: type[BaseModel] | None = None
    ) -> Flow[BatchSummary]:
        """The results in numbers."""
        reader = yield from self.reader(job_id, response_model=response_model)

        def counted() -> BatchSummary:
            tally = Tally()
            for page in reader.pages():
                for result in page:
                    tally.add(result)
            return tally.summary(job_id, reader.ends)

        return (yield from offloaded(counted))

    def retry(
        self,
        job_id: str,
        *,
        only: Collection[ItemStatus] | None = None,
        response_model: type[BaseModel] | None = None,
    ) -> Flow[BatchJobInfo]:
        """Submit the items once more that have no good reply."""
        reader = yield from self.reader(job_id, response_model=response_model)
        # Once, and not for each of many results.
        wanted = frozenset(ItemStatus) if only is None else frozenset(only)

        def failed() -> list[str]:
            return [
                result.custom_id
                for page in reader.pages()
                for result in page
                if not result.ok and result.status in wanted
            ]

        custom_ids = yield from offloaded(failed)
        job = yield from self._kept(job_id)
        if not custom_ids or job is None:
            raise JobError(f"no item of job {job_id} has failed; there is nothing to submit again")
        return (yield from self._submission.again(job, custom_ids))

    def cancel(self, job_id: str) -> Flow[BatchJobInfo]:
        """Ask for the end of all parts, and drop those that were never submitted."""
        job = yield from self._kept(job_id)
        if job is None:
            remote = yield from self.host.cancel(job_id)
            return info_of_remote(remote, self._provider)
        if unsent_parts(job):
            job = yield from self._submission.drop_rest(job)
        remotes = {}
        for part in job.parts:
            if part.remote_id is not None:
                remote = yield from self.host.cancel(part.remote_id)
                yield from offloaded(self.shelf.ledger.seen, remote)
                remotes[part.number] = remote
        return info_of((yield from self._kept(job.tag)) or job, remotes)

    def jobs(self, limit: int) -> Flow[list[BatchJobInfo]]:
        """The account's latest jobs; parts of one job are one."""
        remotes = yield from self.host.jobs(limit)
        return (yield from offloaded(self._gathered, remotes))[:limit]

    def resume(self, job_id: str | None = None) -> Flow[list[BatchJobInfo]]:
        """All jobs whose results were not collected; half-submitted ones are submitted whole."""
        infos: list[BatchJobInfo] = []
        failures: list[RactoGatewayError] = []
        for job in (yield from offloaded(self._open, job_id)):
            try:
                info = yield from self._resumed(job)
            except RactoGatewayError as error:
                # One job in trouble must not hide the others.
                error.add_note(f"job {job.job_id}")
                failures.append(error)
            else:
                infos += [info] if info is not None else []
        if failures:
            told = "\n- ".join("; ".join([str(e), *getattr(e, "__notes__", ())]) for e in failures)
            raise JobError(
                f"{len(failures)} of {len(failures) + len(infos)} jobs could not be resumed; the "
                f"others stand in ``partial``:\n- {told}",
                retryable=any(error.retryable for error in failures),
                partial=infos,
            ) from failures[0]
        return infos

    def forget(self, job_id: str) -> None:
        """Remove all that is kept of a job here.

        Raises:
            JobError: If nothing is kept of it, or it is being submitted.
        """
        job = self.shelf.ledger.find(job_id, self._provider)
        if job is None:
            raise JobError(f"nothing is kept of a job {job_id!r} in {self.shelf.folder}")
        # Whoever submits it right now must not lose the ground under his feet.
        self.shelf.claim(job.tag).end()
        self.shelf.discard(job.tag)

    def _kept(self, job_id: str) -> Flow[JobRecord | None]:
        """What is kept here of a job."""
        # Beside the event loop, the opening of the ledger too: disks take their time to commit.
        return offloaded(lambda: self.shelf.ledger.find(job_id, self._provider))

    def _gathered(self, remotes: Sequence[RemoteJob]) -> list[BatchJobInfo]:
        told = {remote.job_id: remote for remote in remotes}
        found: dict[str, BatchJobInfo] = {}
        for remote in remotes:
            job = self.shelf.ledger.find(remote.job_id, self._provider)
            if job is None:
                found[remote.job_id] = info_of_remote(remote, self._provider)
            # Where the newest of its parts stands, the job stands.
            elif job.tag not in found:
                parts = {
                    part.number: told[part.remote_id]
                    for part in job.parts
                    if part.remote_id in told
                }
                found[job.tag] = info_of(job, parts)
        return list(found.values())

    def _open(self, job_id: str | None) -> list[JobRecord]:
        if job_id is None:
            return self.shelf.ledger.open(self._provider, self._site)
        job = self.shelf.ledger.find(job_id, self._provider)
        if job is None:
            raise JobError(f"nothing is kept of a job {job_id!r} in {self.shelf.folder}")
        return [job]

    def _resumed(self, job: JobRecord) -> Flow[BatchJobInfo | None]:
        if job.stage in (Stage.WRITING, Stage.SUBMITTING):
            if not (yield from offloaded(self._is_left, job)):
                # Another process is at it right now.
                return info_of(job)
            found = yield from self._submission.finish(job)
            if found is None:
                return None
            job = found
        return (yield from self.poll(job.job_id))

    def _is_left(self, job: JobRecord) -> bool:
        """Whether nobody is submitting the job."""
        try:
            self.shelf.claim(job.tag).end()
        except JobError:
            return False
        return True

    def _foreign_look(self, job_id: str, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        try:
            return (yield from self.host.look(job_id, deadline=deadline))
        except NotFoundError as error:
            raise JobError(
                f"{self._provider} knows no job {job_id!r}, and nothing is kept of one in "
                f"{self.shelf.folder}",
                provider=self._provider,
            ) from error

    def _taken_in(self, job_id: str) -> Flow[JobRecord]:
        """A job that was submitted elsewhere becomes one that is known here, when it has ended."""
        remote = yield from self._foreign_look(job_id)
        # A job is taken in with its results, and there are none yet.
        if not remote.status.is_final:
            raise JobError(
                f"job {job_id} has not ended: {remote.status}",
                retryable=True,
                provider=self._provider,
            )
        part = PartRecord(
            number=0,
            lane="",
            path="",
            model=self.codec.model,
            count=remote.counts.total,
            remote_id=remote.job_id,
            status=remote.status,
            counts=remote.counts,
        )
        job = JobRecord(
            tag=self.shelf.new_tag(),
            provider=self._provider,
            site=self._site,
            created_at=remote.created_at,
            count=remote.counts.total,
            stage=Stage.SUBMITTED,
            is_foreign=True,
            parts=(part,),
        )
        yield from offloaded(self.shelf.ledger.begin, job)
        return job
