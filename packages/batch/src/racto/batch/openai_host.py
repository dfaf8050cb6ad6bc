"""OpenAI's batch endpoints, and those of compatible servers: files up, a job, files down."""

from __future__ import annotations

import os
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.errors import RactoGatewayError
from racto.core.flows import Flow
from racto.core.protocols.codecs import RequestCodec
from racto.core.requests import EncodedRequest
from racto.core.retries import RetryPolicy, retrying

from . import openai_lines as lines
from .api_keys import key_for, server_of
from .call_failures import is_undone
from .calls import Call
from .cancelling import cancelled
from .client import ProviderClient
from .creation import created_once
from .hosts import BatchLimits, JobOrder, Outcome, RemoteJob
from .job_fields import checked_id, count_of, text_of
from .job_lists import Page, latest, tagged
from .result_lines import read_results
from .uploads import form

if TYPE_CHECKING:
    import httpx2
    from pydantic import SecretStr

_ROOT = "https://api.openai.com/v1"
_HOSTS = ("openai.com",)
_ID = r"[\w-]{1,128}"


class OpenAIBatchHost:
    """Keeps :class:`~racto.batch.hosts.BatchHost` for OpenAI.

    A job's tag stands in its metadata and in the name of its input file.

    Args:
        codec: Knows the provider's requests and errors.
        api_key: Key; ``OPENAI_API_KEY`` when None, at OpenAI's own servers alone if ``base_url``
            is given.
        base_url: Root of another server's API, ending in its version; ``OPENAI_BASE_URL``, or
            OpenAI's own, when None.
        timeout: Seconds that may pass without a byte; for calls that stream nothing, in all.
        retries: How often to call again after a passing error.
        transport: What carries plain calls; httpx2's own when None.
        atransport: What carries async calls; httpx2's own when None.

    Raises:
        RactoGatewayAuthError: If there is no key, and the server is OpenAI's own.
        ConfigurationError: If ``base_url`` is no address.
    """

    def __init__(
        self,
        codec: RequestCodec,
        *,
        api_key: SecretStr | str | None = None,
        base_url: str | None = None,
        timeout: float = 600.0,
        retries: RetryPolicy = RetryPolicy(attempts=5),  # noqa: B008 - frozen
        transport: httpx2.BaseTransport | None = None,
        atransport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        named = os.environ.get("OPENAI_BASE_URL")
        key = key_for(
            api_key,
            "OPENAI_API_KEY",
            provider=codec.provider,
            base_url=base_url,
            own=_HOSTS,
            elsewhere=bool(named),
        )
        headers = {"authorization": f"Bearer {key.get_secret_value()}"} if key else {}
        # As OpenAI's own client does: who pays is told by the environment.
        for header, variable in (
            ("openai-organization", "OPENAI_ORG_ID"),
            ("openai-project", "OPENAI_PROJECT_ID"),
        ):
            if value := os.environ.get(variable, "").strip():
                headers[header] = value
        self._codec = codec
        self._client = ProviderClient(
            server_of(codec.provider, base_url or named or _ROOT, headers, key),
            codec,
            timeout=timeout,
            retries=retries,
            transport=transport,
            atransport=atransport,
        )

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._codec.provider

    @property
    def limits(self) -> BatchLimits:
        """What one job may hold."""
        return lines.LIMITS

    def lane(self, request: EncodedRequest) -> str:
        """Path and model: all requests of a job share them.

        Raises:
            UnsupportedFeatureError: If jobs take no such request.
        """
        return lines.lane_of(request, provider=self.provider)

    def weight(self, request: EncodedRequest) -> int:
        """How many of the limit's requests it counts: a request for vectors, one for each text."""
        return lines.weight_of(request)

    def line(self, custom_id: str, request: EncodedRequest) -> bytes:
        """The request's line of the upload."""
        return lines.line_of(custom_id, request)

    def start(
        self, spool: Path, order: JobOrder, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[RemoteJob]:
        """Upload the lines and create the job.

        Raises:
            RactoGatewayError: What the server answered, or what became of the connection.
        """
        begun = time.time()
        file_id = yield from self._uploaded(spool, order, deadline)
        call = Call(
            method="POST",
            path="/batches",
            headers=dict(order.headers),
            json={
                "input_file_id": file_id,
                "endpoint": lines.VERSION + order.path,
                "completion_window": order.window or "24h",
                "metadata": {
                    lines.TAG: order.tag,
                    **({"label": order.label[:512]} if order.label else {}),
                },
            },
        )

        def create() -> Flow[RemoteJob]:
            reply = yield from self._client.once(call, deadline)
            # The answer to our call is the job that we ordered, whatever it repeats of it.
            return replace(lines.read_job(self._client.read(call, reply)), tag=order.tag)

        return (
            yield from created_once(
                create,
                lambda: self.find(order.tag, count=order.count, since=begun, deadline=deadline),
                retries=self._client.retries,
                deadline=deadline,
            )
        )

    def find(
        self,
        tag: str,
        *,
        count: int,
        since: float,
        known: Collection[str] = (),
        deadline: Deadline = NO_DEADLINE,
    ) -> Flow[RemoteJob | None]:
        """The job whose metadata hold this tag.

        Raises:
            JobError: If several do.
        """
        return tagged(
            self._page, tag, since=since, known=known, provider=self.provider, deadline=deadline
        )

    def look(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """The job now.

        Raises:
            NotFoundError: If the account has no such job.
            JobError: If that is no id.
        """
        data = yield from self._client.ask(Call(method="GET", path=self._path(job_id)), deadline)
        return lines.read_job(data)

    def cancel(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """Ask for the job's end; one that has ended already is returned as it is.

        Raises:
            NotFoundError: If the account has no such job.
            JobError: If that is no id.
        """
        call = Call(method="POST", path=f"{self._path(job_id)}/cancel")

        def cancel() -> Flow[RemoteJob]:
            return lines.read_job((yield from self._client.ask(call, deadline)))

        return cancelled(cancel, lambda: self.look(job_id, deadline=deadline))

    def jobs(self, limit: int, *, deadline: Deadline = NO_DEADLINE) -> Flow[list[RemoteJob]]:
        """The account's latest jobs, newest first."""
        return latest(self._page, limit, deadline=deadline)

    def fetch(
        self, job: RemoteJob, folder: Path, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[list[Path]]:
        """Download the output file and the error file, as far as the job has them.

        Raises:
            NotFoundError: If a file has been deleted or has expired.
            OSError: If the disk does not take them.
        """
        paths = []
        for output in job.outputs:
            file_id = checked_id(output, _ID, provider=self.provider, what="file")
            call = Call(method="GET", path=f"/files/{file_id}/content")
            target = folder / f"{file_id}.jsonl"
            paths.append((yield from self._client.save(call, target, deadline)))
        return paths

    def outcomes(self, paths: Sequence[Path]) -> Iterator[Outcome]:
        """Read result files line by line."""
        return read_results(paths, lines.read_line)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._client.aclose()

    # -- calls -------------------------------------------------------------------------------

    def _uploaded(self, spool: Path, order: JobOrder, deadline: Deadline) -> Flow[str]:
        """The id of the uploaded file; one whose upload was not answered is not sent twice."""
        filename = f"racto-{order.tag}.jsonl"
        in_doubt = False

        def attempt() -> Flow[str]:
            nonlocal in_doubt
            body, kind = form(spool, filename=filename, fields={"purpose": "batch"})
            found = (yield from self._stored(filename, body.length, deadline)) if in_doubt else None
            if found is not None:
                return found
            call = Call(method="POST", path="/files", headers={"content-type": kind}, body=body)
            try:
                reply = yield from self._client.once(call, deadline)
            except RactoGatewayError as error:
                in_doubt = in_doubt or not is_undone(error)
                raise
            told = text_of(self._client.read(call, reply).get("id"))
            return checked_id(told, _ID, provider=self.provider, what="file")

        return (yield from retrying(attempt, self._client.retries, deadline=deadline))

    def _stored(self, filename: str, size: int, deadline: Deadline) -> Flow[str | None]:
        """The id of a whole file of this name; None when there is none."""
        # Newest first; the one in question was sent a moment ago.
        call = Call(method="GET", path="/files", params={"purpose": "batch", "limit": "100"})
        try:
            data = yield from self._client.ask(call, deadline)
        except RactoGatewayError as error:
            # Some compatible servers take files and do not list them.
            if error.status_code not in (404, 405, 501):
                raise
            return None
        for each in _items(data):
            if each.get("filename") == filename and count_of(each.get("bytes")) == size:
                return checked_id(text_of(each.get("id")), _ID, provider=self.provider, what="file")
        return None

    def _page(self, after: str | None, size: int, deadline: Deadline) -> Flow[Page]:
        params = {"limit": str(size), **({"after": after} if after else {})}
        data = yield from self._client.ask(
            Call(method="GET", path="/batches", params=params), deadline
        )
        jobs = [lines.read_job(each) for each in _items(data)]
        # Some compatible servers leave the cursor out; it is the last id.
        cursor = text_of(data.get("last_id")) or (jobs[-1].job_id if jobs else "")
        return Page(jobs=jobs, next=cursor if data.get("has_more") and cursor else None)

    def _path(self, job_id: str) -> str:
        return f"/batches/{checked_id(job_id, _ID, provider=self.provider)}"


def _items(data: dict[str, Any]) -> list[dict[str, Any]]:
    found = data.get("data")
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
