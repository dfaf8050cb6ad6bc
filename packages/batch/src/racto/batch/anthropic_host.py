"""Anthropic's message batches: one streamed upload makes the job, one streamed download empties it."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from racto.core.deadlines import NO_DEADLINE, Deadline
from racto.core.flows import Flow
from racto.core.protocols.codecs import RequestCodec
from racto.core.requests import EncodedRequest
from racto.core.retries import RetryPolicy

from . import anthropic_lines as lines
from .api_keys import key_for, server_of
from .calls import Call
from .cancelling import cancelled
from .client import ProviderClient
from .creation import created_once
from .hosts import BatchLimits, JobOrder, Outcome, RemoteJob
from .job_fields import checked_id, text_of
from .job_lists import PAGE, Page, created_since, latest, only
from .result_lines import read_results
from .uploads import json_array

if TYPE_CHECKING:
    import httpx2
    from pydantic import SecretStr

VERSION = "2026-10-21"
"""The API's version when no request asks for another."""

_ROOT = "https://api.anthropic.com"
_HOSTS = ("anthropic.com",)
_PATH = "/v1/messages/batches"
_ID = r"[\w-]{1,128}"
# A count tells little, so the time must: clocks that differ by more are out of order.
_SLACK_SECONDS = 900.0


class AnthropicBatchHost:
    """Keeps :class:`~racto.batch.hosts.BatchHost` for Anthropic.

    The API has no place for a tag. A creation that was not answered is therefore known again by
    its time and by its number of requests, among the jobs that were not there before.

    Args:
        codec: Knows the provider's requests and errors.
        api_key: Key; ``ANTHROPIC_API_KEY`` when None, at Anthropic's own servers alone if
            ``base_url`` is given.
        base_url: Root of another server, without a version; ``ANTHROPIC_BASE_URL``, or
            Anthropic's own, when None.
        timeout: Seconds that may pass without a byte; for calls that stream nothing, in all.
        retries: How often to call again after a passing error.
        transport: What carries plain calls; httpx2's own when None.
        atransport: What carries async calls; httpx2's own when None.

    Raises:
        RactoGatewayAuthError: If there is no key, and the server is Anthropic's own.
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
        named = os.environ.get("ANTHROPIC_BASE_URL")
        key = key_for(
            api_key,
            "ANTHROPIC_API_KEY",
            provider=codec.provider,
            base_url=base_url,
            own=_HOSTS,
            elsewhere=bool(named),
        )
        headers = {"anthropic-version": VERSION}
        if key is not None:
            headers["x-api-key"] = key.get_secret_value()
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
        """Nothing: a job may mix models.

        Raises:
            UnsupportedFeatureError: If jobs take no such request.
        """
        lines.check(request, provider=self.provider)
        return ""

    def weight(self, request: EncodedRequest) -> int:
        """How many of the limit's requests it counts: one."""
        return 1

    def line(self, custom_id: str, request: EncodedRequest) -> bytes:
        """The request's line of the upload."""
        return lines.line_of(custom_id, request)

    def start(
        self, spool: Path, order: JobOrder, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[RemoteJob]:
        """Upload the lines, which creates the job.

        Raises:
            RactoGatewayError: What the server answered, or what became of the connection.
        """
        # Asked first, so that a bad key is told before a large upload, too.
        before = {job.job_id for job in (yield from self.jobs(PAGE, deadline=deadline))}
        call = Call(
            method="POST",
            path=_PATH,
            headers={"content-type": "application/json", **order.headers},
            body=json_array(spool, head=lines.HEAD, tail=lines.TAIL),
        )

        def create() -> Flow[RemoteJob]:
            reply = yield from self._client.once(call, deadline)
            # The answer to our call is the job that we ordered, whatever it repeats of it.
            return replace(lines.read_job(self._client.read(call, reply)), tag=order.tag)

        def find() -> Flow[RemoteJob | None]:
            # By what was not there before: two clocks, that differ, are not asked.
            jobs = yield from self.jobs(PAGE, deadline=deadline)
            return _alike(jobs, order.count, before, provider=self.provider, tag=order.tag)

        return (
            yield from created_once(
                create,
                find,
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
        """The one unknown job of so many requests.

        Raises:
            JobError: If there are several.
        """
        jobs = yield from created_since(self._page, since, slack=_SLACK_SECONDS, deadline=deadline)
        return _alike(jobs, count, known, provider=self.provider, tag=tag)

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
        """The latest jobs of the key's workspace, newest first."""
        return latest(self._page, limit, deadline=deadline)

    def fetch(
        self, job: RemoteJob, folder: Path, *, deadline: Deadline = NO_DEADLINE
    ) -> Flow[list[Path]]:
        """Download the results, errors among them.

        Raises:
            OSError: If the disk does not take them.
        """
        if not job.outputs:
            return []
        # Not the address that the job names: behind a proxy it leads past it, with our key.
        path = f"{self._path(job.job_id)}/results"
        target = folder / f"{job.job_id}.jsonl"
        call = Call(method="GET", path=path)
        return [(yield from self._client.save(call, target, deadline))]

    def outcomes(self, paths: Sequence[Path]) -> Iterator[Outcome]:
        """Read result files line by line."""
        return read_results(paths, lines.read_line)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    async def aclose(self) -> None:
        """Async twin of :meth:`close`."""
        await self._client.aclose()

    def _page(self, after: str | None, size: int, deadline: Deadline) -> Flow[Page]:
        params = {"limit": str(size), **({"after_id": after} if after else {})}
        data = yield from self._client.ask(Call(method="GET", path=_PATH, params=params), deadline)
        found = data.get("data")
        items = found if isinstance(found, list) else []
        cursor = text_of(data.get("last_id"))
        return Page(
            jobs=[lines.read_job(each) for each in items if isinstance(each, dict)],
            next=cursor if data.get("has_more") and cursor else None,
        )

    def _path(self, job_id: str) -> str:
        return f"{_PATH}/{checked_id(job_id, _ID, provider=self.provider)}"


def _alike(
    jobs: Sequence[RemoteJob], count: int, known: Collection[str], *, provider: str, tag: str
) -> RemoteJob | None:
    """The one unknown job of so many requests."""
    return only(
        [job for job in jobs if job.counts.total == count], known, provider=provider, what=tag
    )
