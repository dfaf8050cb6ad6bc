"""OpenAI's fine-tuning jobs, which end when their clock says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import get_args

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.jobs import Jobs
from racto.testing.payloads import encoded
from racto.testing.refusals import Refusal

from .failures import failure_answer, refusal
from .files import FilesEndpoint
from .fine_tuning_jobs import ENDED, Status, TuningJob
from .fine_tuning_requests import TuningCreate
from .listing import ListQuery, page, read_fields
from .validation import read
from .wording import missing

PATH = "/v1/fine_tuning/jobs"
_FIELDS = ("after", "limit")
_ALL: frozenset[Status] = frozenset(get_args(Status))
_CLOSED = (
    "Fine-tuning is no longer available to your organization. Existing fine-tuned models can still "
    "be used for inference."
)


class FineTuningEndpoint(Jobs[TuningJob]):
    """The fine-tuning jobs of a server; each poll of one moves it on by a state.

    Args:
        files: Where jobs read and write.

    Attributes:
        closed: Whether new jobs are refused, as for organisations that never tuned a model.
    """

    def __init__(self, files: FilesEndpoint) -> None:
        super().__init__()
        self.closed = False
        self._files = files
        self._ids = count(1)
        self._orders: Mapping[str, tuple[Callable[[TuningJob], None], frozenset[Status]]] = {
            "cancel": (TuningJob.cancel, _ALL - ENDED),
            "pause": (TuningJob.pause, frozenset({"running"})),
            "resume": (TuningJob.resume, frozenset({"paused"})),
        }

    def fail(
        self,
        *,
        code: str = "server_error",
        message: str = "The job failed due to an internal error.",
        id: str | None = None,
    ) -> None:
        """Let jobs fail that have not ended.

        Args:
            code: Code of the error.
            message: Words for it.
            id: The job; all of them when None.

        Raises:
            LookupError: If there is no such job.
        """
        with self._lock:
            for job in self._meant(id):
                job.fail(code=code, message=message)

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for fine-tuning jobs."""
        return request.path == PATH or request.path.startswith(f"{PATH}/")

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """Create, list, show or order about jobs, and list what became of one.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        with self._lock:
            return self._interrupted(lambda: self._answer(request), failure_answer)

    def _answer(self, request: Incoming) -> Outgoing:
        id, _, what = request.path.removeprefix(PATH).strip("/").partition("/")
        if not id and request.method == "POST":
            return _answer(self._create(request))
        if not id and request.method == "GET":
            return self._list(request)
        if not id:
            raise _unknown(request)
        job = self._known(id)
        if request.method == "POST" and what in self._orders:
            self._order(job, what)
            return _answer(job)
        if request.method == "GET":
            return self._read(job, what, request)
        raise _unknown(request)

    def _create(self, request: Incoming) -> TuningJob:
        wanted = read(TuningCreate, request)
        # After the reading: who is shut out still learns that his request was wrong.
        if self.closed:
            raise refusal(_CLOSED, code="training_not_available", status=403)
        if wanted.kind == "reinforcement" and (
            wanted.method is None or wanted.method.reinforcement is None
        ):
            raise missing("method.reinforcement")
        for param in ("training_file", "validation_file"):
            self._check_file(getattr(wanted, param), param)
        job = TuningJob(f"ftjob-{next(self._ids):024d}", wanted, files=self._files)
        self._add(job)
        return job

    def _check_file(self, id: str | None, param: str) -> None:
        if id is None:
            return
        file = self._files.find(id)
        if file is None:
            raise refusal(f"invalid {param}: {id}", param=param)
        if file.purpose != "fine-tune":
            raise refusal(
                f"File '{id}' has the purpose '{file.purpose}', but must have 'fine-tune'.",
                param=param,
                code="invalid_file_purpose",
            )

    def _known(self, id: str) -> TuningJob:
        job = self._jobs.get(id)
        if job is None:
            raise refusal(
                f"Could not find fine tune: {id}",
                param="fine_tuning_job_id",
                code="fine_tune_not_found",
                status=404,
            )
        return job

    def _list(self, request: Incoming) -> Outgoing:
        # ``metadata[key]=value``, as clients write an object in a query.
        notes = {
            name.removeprefix("metadata[").removesuffix("]"): value
            for name, value in request.query.items()
            if name.startswith("metadata[")
        }
        jobs = [
            job.shown()
            for job in self._newest_first()
            if notes.items() <= (job.metadata or {}).items()
        ]
        return page(jobs, _query(request))

    def _order(self, job: TuningJob, what: str) -> None:
        act, allowed = self._orders[what]
        if job.status not in allowed:
            raise refusal(f"Cannot {what} a job with status '{job.status}': {job.id}")
        act(job)

    def _read(self, job: TuningJob, what: str, request: Incoming) -> Outgoing:
        if what == "events":
            return page(job.events(), _query(request))
        if what == "checkpoints":
            return page(job.checkpoints(), _query(request))
        if what:
            raise _unknown(request)
        self._poll(job)
        return _answer(job)


def _query(request: Incoming) -> ListQuery:
    fields = {name: request.query[name] for name in _FIELDS if name in request.query}
    return read_fields(ListQuery, fields)


def _answer(job: TuningJob) -> Outgoing:
    return Outgoing(body=encoded(job.shown()))


def _unknown(request: Incoming) -> Refusal:
    return refusal(f"Invalid URL ({request.method} {request.path})", status=404)
