"""OpenAI's batches: each request is answered by the script, and a batch ends when its clock says so."""

from __future__ import annotations

from itertools import count

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.jobs import Batches
from racto.testing.payloads import encoded

from .batch_jobs import ENDED, Batch, Run
from .batch_requests import BatchCreate
from .failures import failure_answer, refusal
from .files import FilesEndpoint
from .listing import ListQuery, page, read_fields
from .validation import read

PATH = "/v1/batches"


class BatchesEndpoint(Batches[Batch]):
    """The batches of a server; each poll of one moves it on by a state.

    Args:
        files: Where batches read and write.
        run: Answers one request of a batch.
    """

    def __init__(self, files: FilesEndpoint, run: Run) -> None:
        super().__init__()
        self._files = files
        self._run = run
        self._ids = count(1)

    def takes(self, request: Incoming) -> bool:
        """Whether the request is for batches."""
        return request.path == PATH or request.path.startswith(f"{PATH}/")

    def answer(self, request: Incoming, script: Script) -> Outgoing:
        """Create, list, show or cancel batches.

        Raises:
            Refusal: If the real API would refuse the request.
        """
        with self._lock:
            return self._interrupted(lambda: self._answer(request), failure_answer)

    def _answer(self, request: Incoming) -> Outgoing:
        id, _, what = request.path.removeprefix(PATH).strip("/").partition("/")
        asked = (request.method, what)
        if not id and asked == ("POST", ""):
            batch = self._create(request)
        elif not id and asked == ("GET", ""):
            batches = [batch.shown() for batch in self._newest_first()]
            return page(batches, read_fields(ListQuery, request.query))
        elif id and asked in (("GET", ""), ("POST", "cancel")):
            # An order shows what it has done; only asking moves a batch on.
            batch = self._known(id)
            self._cancel(batch) if what else self._poll(batch)
        else:
            raise refusal(f"Invalid URL ({request.method} {request.path})", status=404)
        return Outgoing(body=encoded(batch.shown()))

    def _create(self, request: Incoming) -> Batch:
        wanted = read(BatchCreate, request)
        id = f"batch_{next(self._ids):024d}"
        batch = Batch(id, wanted, files=self._files, run=self._run)
        self._add(batch)
        return batch

    def _known(self, id: str) -> Batch:
        batch = self._jobs.get(id)
        if batch is None:
            raise refusal(f"No batch found with id '{id}'.", status=404)
        return batch

    def _cancel(self, batch: Batch) -> None:
        if batch.status in ENDED:
            raise refusal(f"Cannot cancel a batch with status '{batch.status}'.", status=409)
        batch.cancel()
