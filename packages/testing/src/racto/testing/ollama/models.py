"""The methods that manage models: pull, show, copy, delete and the lists."""

from __future__ import annotations

from http import HTTPStatus

from racto.testing.exchange import Incoming, Outgoing, Script
from racto.testing.payloads import line, streamed, whole
from racto.testing.replies import Failure

from .answers import LINES, json_answer
from .failures import failure_answer, refusal
from .installed import Library, pull_steps
from .reading import named, read
from .requests import CopyRequest, ModelRequest, PullRequest, ShowRequest


class ModelMethods:
    """Answers requests about models.

    Args:
        library: The models.
        strict: Whether to refuse what Ollama ignores.
    """

    def __init__(self, library: Library, *, strict: bool) -> None:
        self._library = library
        self._strict = strict

    def pull(self, request: Incoming, script: Script) -> Outgoing:
        """``POST /api/pull``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(PullRequest, request, strict=self._strict)
        name = named(asked.model or asked.name)
        answer = script.outcome_of(request)
        if isinstance(answer, Failure):
            return _pull_failure(answer, streams=asked.stream is not False)
        self._library.add(name)
        if asked.stream is False:
            return whole(answer, lambda: {"status": "success"})
        return streamed(answer, map(line, pull_steps(name)), pack=line, headers=LINES)

    def show(self, request: Incoming, script: Script) -> Outgoing:
        """``POST /api/show``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(ShowRequest, request, strict=self._strict)
        return json_answer(self._library.shown(named(asked.model or asked.name)))

    def copy(self, request: Incoming, script: Script) -> Outgoing:
        """``POST /api/copy``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(CopyRequest, request, strict=self._strict)
        self._library.find(named(asked.source))
        self._library.add(named(asked.destination))
        return Outgoing(body=b"")

    def delete(self, request: Incoming, script: Script) -> Outgoing:
        """``DELETE /api/delete``.

        Raises:
            Refusal: If the API would not take the request.
        """
        asked = read(ModelRequest, request, strict=self._strict)
        self._library.delete(named(asked.model or asked.name))
        return Outgoing(body=b"")

    def listed(self, request: Incoming, script: Script) -> Outgoing:
        """``GET /api/tags``."""
        return json_answer({"models": self._library.listed()})

    def running(self, request: Incoming, script: Script) -> Outgoing:
        """``GET /api/ps``."""
        return json_answer({"models": self._library.running()})


def _pull_failure(failure: Failure, *, streams: bool) -> Outgoing:
    if failure.kind != "not_found" or failure.status or failure.body is not None:
        return failure_answer(failure)
    error = {"error": failure.message or "pull model manifest: file does not exist"}
    if not streams:
        raise refusal(error["error"], status=HTTPStatus.INTERNAL_SERVER_ERROR)
    # A pull finds out only when it has begun, with status 200.
    events = [line({"status": "pulling manifest"}), line(error)]
    return Outgoing(headers={**LINES, **failure.headers}, events=events, conduct=failure.conduct)
