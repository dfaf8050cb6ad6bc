"""Gemini's batch endpoints: a resumable upload, a job for one model, a file of results."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.flows import Flow
from racto.core.protocols.codecs import RequestCodec
from racto.core.requests import EncodedRequest
from racto.core.retries import RetryPolicy

from . import gemini_lines as lines
from .api_keys import key_for, server_of
from .calls import Call
from .cancelling import cancelled
from .client import ProviderClient
from .creation import created_once
from .gemini_uploads import GeminiFiles
from .hosts import BatchLimits, JobOrder, Outcome, RemoteJob
from .job_fields import checked_id, text_of
from .job_lists import Page, latest, tagged
from .result_lines import read_results

if TYPE_CHECKING:
    import httpx2
    from pydantic import SecretStr

VERSION = "v1beta"
"""Version of the API when the address names none: batches are in no other."""

_ROOT = "https://generativelanguage.googleapis.com"
_HOSTS = ("googleapis.com",)
_VERSION = re.compile(r"/(v\d\w*)/?$")
_ID = r"batches/[\w-]{1,128}"
_FILE = r"files/[\w-]{1,128}"


class GeminiBatchHost:
    """Keeps :class:`~racto.batch.hosts.BatchHost` for the Gemini API.

    A job's tag is the beginning of its display name. Vertex AI, whose jobs read from Cloud
    Storage, is not spoken.

    Args:
        codec: Knows the provider's requests and errors.
        api_key: Key; ``GOOGLE_API_KEY`` or ``GEMINI_API_KEY`` when None, at Google's own servers
            alone if ``base_url`` is given.
        base_url: Root of another server, with or without a version; ``GOOGLE_GEMINI_BASE_URL``,
            or Google's own, when None.
        timeout: Seconds that may pass without a byte; for calls that stream nothing, in all.
        retries: How often to call again after a passing error.
        transport: What carries plain calls; httpx2's own when None.
        atransport: What carries async calls; httpx2's own when None.

    Raises:
        RactoGatewayAuthError: If there is no key, and the server is Google's own.
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
        named = os.environ.get("GOOGLE_GEMINI_BASE_URL")
        key = key_for(
            api_key,
            "GOOGLE_API_KEY",
            "GEMINI_API_KEY",
            provider=codec.provider,
            base_url=base_url,
            own=_HOSTS,
            elsewhere=bool(named),
        )
        # As a header: in an address it would stand in the logs of every proxy.
        headers = {"x-goog-api-key": key.get_secret_value()} if key else {}
        root = base_url or named or _ROOT
        told = _VERSION.search(root)
        self._version = told[1] if told else VERSION
        self._codec = codec
        self._client = ProviderClient(
            server_of(codec.provider, root[: told.start()] if told else root, headers, key),
            codec,
            timeout=timeout,
            retries=retries,
            transport=transport,
            atransport=atransport,
        )
        self._files = GeminiFiles(self._client, self._version)

    @property
    def provider(self) -> str:
        """Name of the provider."""
        return self._codec.provider

    @property
    def limits(self) -> BatchLimits:
        """What one job may hold."""
        return lines.LIMITS

    def lane(self, request: EncodedRequest) -> str:
        """Model and method: all requests of a job share them.

        Raises:
            UnsupportedFeatureError: If jobs take no such request.
        """
        target = lines.target_of(request.path, provider=self.provider)
        return f"{target.model}:{target.order}"

    def weight(self, request: EncodedRequest) -> int:
        """How many of the limit's requests it counts: a request for vectors, one for each text."""
        return lines.weight_of(request)

    def line(self, custom_id: str, request: EncodedRequest) -> bytes:
        """The request's line of the upload; of a request for vectors one line for each text."""
        return lines.line_of(custom_id, request)

    def start(
        self, spool: Path, order: JobOrder, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[RemoteJob]:
        """Upload the lines and create the job.

        Raises:
            UnsupportedFeatureError: If the order's path is none that jobs take.
            RactoGatewayError: What the server answered, or what became of the connection.
        """
        begun = time.time()
        target = lines.target_of(order.path, provider=self.provider)
        file = yield from self._files.upload(spool, order.tag, deadline)
        name = f"{order.tag} {order.label}".strip()[:512]
        call = Call(
            method="POST",
            path=f"/{self._version}/{target.model}:{target.order}",
            headers=dict(order.headers),
            json={"batch": {"displayName": name, "inputConfig": {"fileName": file}}},
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
        """The job whose display name begins with this tag.

        Raises:
            JobError: If several do.
        """
        return tagged(
            self._page, tag, since=since, known=known, provider=self.provider, deadline=deadline
        )

    def look(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """The job now.

        Raises:
            NotFoundError: If the key's project has no such job.
            JobError: If that is no id.
        """
        data = yield from self._client.ask(Call(method="GET", path=self._path(job_id)), deadline)
        return lines.read_job(data)

    def cancel(self, job_id: str, *, deadline: Deadline = NO_DEADLINE) -> Flow[RemoteJob]:
        """Ask for the job's end; one that has ended already is returned as it is.

        Raises:
            NotFoundError: If the key's project has no such job.
            JobError: If that is no id.
        """
        call = Call(method="POST", path=f"{self._path(job_id)}:cancel")

        def look() -> Flow[RemoteJob]:
            return self.look(job_id, deadline=deadline)

        def cancel() -> Flow[RemoteJob]:
            # The answer to a cancellation is empty.
            yield from self._client.ask(call, deadline)
            return (yield from look())

        return cancelled(cancel, look)

    def jobs(self, limit: int, *, deadline: Deadline = NO_DEADLINE) -> Flow[list[RemoteJob]]:
        """The latest jobs of the key's project, newest first."""
        return latest(self._page, limit, deadline=deadline)

    def fetch(
        self, job: RemoteJob, folder: Path, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[list[Path]]:
        """Download the file of results, errors among them.

        Raises:
            RactoGatewayError: If the file has expired, or whatever else the server answered.
            OSError: If the disk does not take it.
        """
        paths = []
        for output in job.outputs:
            name = checked_id(output, _FILE, provider=self.provider, what="file")
            call = Call(
                method="GET", path=f"/{self._version}/{name}:download", params={"alt": "media"}
            )
            target = folder / f"{name.partition('/')[2]}.jsonl"
            paths.append((yield from self._client.save(call, target, deadline)))
        return paths

    def outcomes(self, paths: Sequence[Path]) -> Iterator[Outcome]:
        """Read result files line by line; the texts of one item become one outcome again."""
        reader = lines.LineReader()
        yield from read_results(paths, reader.read)
        yield from reader.unfinished()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._client.aclose()

    def _page(self, after: str | None, size: int, deadline: Deadline) -> Flow[Page]:
        params = {"pageSize": str(size), **({"pageToken": after} if after else {})}
        call = Call(method="GET", path=f"/{self._version}/batches", params=params)
        data = yield from self._client.ask(call, deadline)
        found = data.get("operations")
        items = found if isinstance(found, list) else []
        return Page(
            jobs=[lines.read_job(each) for each in items if isinstance(each, dict)],
            next=text_of(data.get("nextPageToken")) or None,
        )

    def _path(self, job_id: str) -> str:
        return f"/{self._version}/{checked_id(job_id, _ID, provider=self.provider)}"
